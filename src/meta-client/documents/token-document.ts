import type { TokenOwner } from '../../authz/user.js'
import { listOf, objectOf, own, readObject, textOf } from '../wire/answer-json.js'
import type { Answer } from '../wire/meta-exchange.js'
import { invalidAnswer } from '../wire/refusal.js'
import { readOwner } from './token-owner-document.js'

/** What a token may do, as InfluxDB 3's management API writes it; our own permissions by their names. */
export interface TokenGrant {
  /** `read`, `write`, the name of a permission, or `all`. */
  readonly action: string
  /** A database, `*` for all of them, or `''` where there is no database. */
  readonly resource: string
}

/** An own token, as a meta node answers `GET /api/v0/tokens/{id}`. Times are RFC 3339. */
export interface TokenDocument {
  readonly id: string
  readonly description: string
  readonly owner: TokenOwner
  readonly permissions: readonly TokenGrant[]
  readonly createdAt: string
  /** Undefined: it does not expire. */
  readonly expiresAt: string | undefined
  readonly revokedAt: string | undefined
}

/** @throws AuthError `ERR_META_INVALID` if the answer is something else */
export function readToken(answer: Answer): TokenDocument {
  return tokenOf(readObject(answer))
}

/** A new token, with its secret. @throws AuthError `ERR_META_INVALID` */
export function readNewToken(answer: Answer): { token: TokenDocument; secret: string } {
  const object = readObject(answer)
  const secret = textOf(own(object, 'accessToken'), 'accessToken')
  if (secret === '') throw invalidAnswer('a token without a secret')
  return { token: tokenOf(object), secret }
}

/** @throws AuthError `ERR_META_INVALID` */
export function readTokens({ status, body }: Answer): readonly TokenDocument[] {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw invalidAnswer(`HTTP ${status} without JSON`)
  }
  if (!Array.isArray(value)) throw invalidAnswer('the answer is not a list')
  return value.map((item) => tokenOf(objectOf(item, 'a token')))
}

function tokenOf(object: object): TokenDocument {
  const time = (field: string) => {
    const value = own(object, field)
    return value === undefined ? undefined : timeOf(value, field)
  }
  return {
    id: textOf(own(object, 'id'), 'id'),
    description: textOf(own(object, 'description') ?? '', 'description'),
    owner: readOwner(own(object, 'owner')),
    permissions: listOf(own(object, 'permissions'), 'permissions').map(grantOf),
    createdAt: timeOf(own(object, 'createdAt'), 'createdAt'),
    expiresAt: time('expiresAt'),
    revokedAt: time('revokedAt'),
  }
}

function timeOf(value: unknown, field: string): string {
  const text = textOf(value, field)
  if (Number.isNaN(Date.parse(text))) throw invalidAnswer(`${field} is not a time`)
  return text
}

function grantOf(value: unknown): TokenGrant {
  const grant = objectOf(value, 'a permission')
  return {
    action: textOf(own(grant, 'action'), 'action'),
    resource: textOf(own(grant, 'resource') ?? '', 'resource'),
  }
}
