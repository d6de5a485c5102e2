import type { Context, Next } from 'koa'
import { AuthError } from '../errors.js'
import { readRequestLine } from './request-line.js'
import { earlierTargets } from './rewritten.js'

/** Middleware that refuses, before credentials are looked at, what cannot be judged: as the URL is, and as it was. */
export function requestLine() {
  return function requestLine(ctx: Context, next: Next): Promise<unknown> {
    const line = readRequestLine(ctx.method, ctx.url)
    if (line instanceof AuthError) throw line
    const earlier = earlierTargets(ctx)
    if (earlier instanceof AuthError) throw earlier
    return next()
  }
}
