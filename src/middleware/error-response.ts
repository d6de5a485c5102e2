import type { Context, Next } from 'koa'
import { AuthError } from '../errors.js'

/** Writes a refusal as the answer. Each door has its own: headers and body in the words of the daemon behind it. */
export type ErrorWriter = (ctx: Context, error: AuthError) => void

/** Writes a refusal as Kapacitor does: its status, and `{"error": …}` with nothing else in it, or the text alone. */
export function writeError(ctx: Context, error: AuthError): void {
  ctx.status = error.status
  if (!ctx.headerSent) {
    // Not by Koa's setters: they check and look up anew what is always the same
    for (const name in error.headers) ctx.res.setHeader(name, error.headers[name] as string)
    ctx.res.setHeader('X-Content-Type-Options', 'nosniff')
    ctx.res.setHeader('Content-Type', error.type)
  }
  ctx.body = error.body
}

/**
 * Middleware that answers the refusals thrown further down. Other errors are the application's and pass.
 */
export function errorResponse() {
  return async function errorResponse(ctx: Context, next: Next): Promise<void> {
    try {
      await next()
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      writeError(ctx, error)
    }
  }
}
