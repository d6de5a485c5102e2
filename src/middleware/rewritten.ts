import type { Context } from 'koa'
import { AuthError } from '../errors.js'
import { type RequestLine, readRequestLine } from './request-line.js'

/** A target that a request had before somebody rewrote it, and what it asks for. */
export interface EarlierTarget {
  readonly target: string
  readonly line: RequestLine
}

const NONE: readonly EarlierTarget[] = Object.freeze([])

/**
 * The targets that a request had before its URL was rewritten: by a middleware of Koa's, such as `koa-mount`, which leaves
 * the first one in `ctx.originalUrl`; or by what Koa is mounted in, such as Connect or Express, which leave it in
 * `req.originalUrl`. The application may act on any of them, so each must be allowed.
 *
 * @returns none for nearly all requests; the refusal (400) of one that is ambiguous
 */
export function earlierTargets(ctx: Context): readonly EarlierTarget[] | AuthError {
  const { url = '', method = '' } = ctx.req
  const { originalUrl: host } = ctx.req as { originalUrl?: unknown }
  if (ctx.originalUrl === url && (host === undefined || host === url)) return NONE
  const earlier: EarlierTarget[] = []
  for (const target of new Set([ctx.originalUrl, host])) {
    if (typeof target !== 'string' || target === url) continue
    const line = readRequestLine(method, target)
    if (line instanceof AuthError) return line
    earlier.push({ target, line })
  }
  return earlier
}
