import type { IncomingMessage, ServerResponse } from 'node:http'
import { AuthError } from '../../errors.js'
import { unavailable } from '../connections/upstream-error.js'
import { responseHeaders } from './response-headers.js'
import { writeHead } from './write-head.js'

/**
 * Passes the head of an upstream's answer on to the client.
 *
 * A 401 or 407 of the upstream's is not passed on: the client, whose credentials were right, would take them for
 * wrong, and those that the upstream asks for would never reach it.
 *
 * @param origin the upstream's
 * @returns the error (502) of an answer that is not passed on; nothing was sent then
 */
export function passHead(
  answer: IncomingMessage,
  { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
  origin: string,
): AuthError | undefined {
  const status = answer.statusCode ?? 0
  if (status === 401 || status === 407) {
    return new AuthError(
      'ERR_UPSTREAM_UNAVAILABLE',
      'upstream asks for credentials of its own: switch its authentication off',
      { cause: new Error(`status ${status}`) },
    )
  }
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
