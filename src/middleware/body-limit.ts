import type { IncomingMessage } from 'node:http'
import type { Context, Next } from 'koa'
import { AuthError } from '../errors.js'
import { type ErrorWriter, writeError } from './error-response.js'

/** Bodies whose length is not known before they have come, and how long each may be. */
const limits = new WeakMap<IncomingMessage, number>()

/**
 * Middleware that refuses request bodies of more than `max` bytes with 413: by their `Content-Length` here, before
 * anything is done with them; chunked ones by what reads them (`readBody`, the gateway), as soon as they are longer.
 *
 * @param max 0: any length
 * @param write answers with the refusal @default as Kapacitor does
 * @throws TypeError if it is negative or no whole number
 */
export function bodyLimit(max: number, write: ErrorWriter = writeError) {
  if (!Number.isSafeInteger(max) || max < 0) {
    throw new TypeError('max must be a number of bytes, or 0')
  }
  return function bodyLimit(ctx: Context, next: Next): Promise<unknown> {
    if (max === 0) return next()
    const { headers } = ctx.req
    if (Number(headers['content-length'] ?? 0) > max) {
      write(ctx, bodyTooLarge(max))
      return DONE
    }
    if (headers['transfer-encoding'] !== undefined) limits.set(ctx.req, max)
    return next()
  }
}

const DONE = Promise.resolve()

/** How long the body of `request` may be, in bytes; infinity where nothing is set, or nothing left to check. */
export function bodyLimitOf(request: IncomingMessage): number {
  return limits.get(request) ?? Number.POSITIVE_INFINITY
}

/** The refusal of a body of more than `max` bytes. */
export function bodyTooLarge(max: number): AuthError {
  return new AuthError('ERR_BODY_TOO_LARGE', `the body is longer than ${max} bytes`)
}
