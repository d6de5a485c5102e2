import type { IncomingMessage, ServerResponse } from 'node:http'
import { AuthError } from '../../errors.js'
import { unavailable } from '../connections/upstream-error.js'
import { responseHeaders } from './response-headers.js'
import { writeHead } from './write-head.js'

/**
 * The error (502) of an answer that is not passed on: a 401 or 407 of the upstream's. The client, whose credentials were
 * right, would take them for wrong, and those that the upstream asks for would never reach it.
 */
export function refusedAnswer({ statusCode: status }: IncomingMessage): AuthError | undefined {
  if (status !== 401 && status !== 407) return undefined
  return new AuthError(
    'ERR_UPSTREAM_UNAVAILABLE',
    'upstream asks for credentials of its own: switch its authentication off',
    { cause: new Error(`status ${status}`) },
  )
}

/**
 * Writes the head of an upstream's answer to the client. It goes out with the first piece of the body.
 *
 * @param upstream where the answer comes from
 * @returns the error (502) of a head that HTTP cannot express; nothing was sent then
 */
export function passHead(
  answer: IncomingMessage,
  { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
  { origin }: { readonly origin: string },
): AuthError | undefined {
  const status = answer.statusCode ?? 0
  const head = {
    rawHeaders: answer.rawHeaders,
    hasBody: req.method !== 'HEAD' && status !== 204 && status !== 304,
    dropsLength: status === 204,
    takesChunks: req.httpVersionMinor > 0,
  }
  try {
    writeHead(res, status, answer.statusMessage ?? '', responseHeaders(head, origin))
    return undefined
  } catch (cause) {
    return unavailable(cause)
  }
}
