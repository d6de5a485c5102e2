import { AuthError, type AuthErrorCode } from '../../errors.js'
import { readObject } from './answer-json.js'
import type { Delivered } from './deliver.js'
import type { Answer } from './meta-exchange.js'
import { invalidAnswer, invalidReason } from './refusal.js'
import { refusalText } from './refusal-text.js'
import { troubled } from './trouble.js'

/** Whether that is a meta node's "not found", and not that of a server which is not a meta node. */
export function isNotFound(answer: Answer, target: string): boolean {
  const what = target.startsWith('/user') ? /^user not found/i : /^(?:role|user) not found/i
  return answer.status === 404 && what.test(textOf(answer))
}

/** Whether that is a meta node's answer that there is no such token. */
export function isTokenNotFound(answer: Answer): boolean {
  return answer.status === 404 && /^(?:subscription )?token not found$/.test(textOf(answer))
}

/** In place of what a node says which has no such path. */
const NO_TOKENS =
  'this meta node has no tokens: it is an older version of kapacitor-auth, or InfluxDB Enterprise'

/** A change is acknowledged with an empty body, or an object without an error; a page in HTML does not count. */
export function readAcknowledgement(answer: Answer): void {
  if (answer.body.length === 0) return
  if (Object.hasOwn(readObject(answer), 'error')) throw invalidAnswer('an error with status 200')
}

/** What `read` makes of a node's answer; an error about an invalid answer names the node. */
export function readFrom<T>(node: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const reason = error instanceof AuthError ? invalidReason(error) : undefined
    if (reason === undefined) throw error
    const message = 'meta node gave an invalid answer'
    throw troubled('ERR_META_INVALID', message, { kind: 'invalid', node, reason })
  }
}

const CODES: ReadonlyMap<number, AuthErrorCode> = new Map([
  [400, 'ERR_REQUEST_INVALID'],
  [401, 'ERR_CREDENTIALS_REJECTED'],
  [403, 'ERR_PRIVILEGE_MISSING'],
  [409, 'ERR_CONFLICT'],
])

/** The error for a node's refusal. @param target what was asked */
export function refused(
  { node, answer, doubtful }: Delivered,
  secrets: readonly string[],
  target = '',
): AuthError {
  const { status } = answer
  const isMissing = isNotFound(answer, '/role') || isTokenNotFound(answer)
  const isUnknownPath = target.startsWith('/api/v0/') && status === 404 && !isMissing
  const text = isUnknownPath ? NO_TOKENS : refusalText(answer, secrets)
  const code = isMissing ? 'ERR_NOT_FOUND' : (CODES.get(status) ?? 'ERR_META_INVALID')
  const trouble = { kind: 'refused', node, status, text, doubtful } as const
  return troubled(code, text ?? `HTTP ${status}`, trouble)
}

const textOf = (answer: Answer) => refusalText(answer, []) ?? ''
