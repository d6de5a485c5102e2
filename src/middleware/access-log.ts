import type { Context, Next } from 'koa'
import type { User } from '../authz/user.js'
import type { Logger } from './logger.js'
import { redactTarget } from './redact-target.js'

/** Middleware that logs one line for each request, after its answer has gone out or the client has gone away. */
export function accessLog(logger: Logger) {
  return function accessLog(ctx: Context, next: Next): Promise<unknown> {
    const start = performance.now()
    const target = ctx.url
    const client = ctx.req.socket.remoteAddress // later the socket may be gone
    ctx.res.once('close', () => {
      const user: User | undefined = ctx.state.user
      logger.info(
        {
          client,
          user: user?.name || undefined,
          method: ctx.method,
          path: redactTarget(target),
          status: ctx.res.statusCode,
          complete: ctx.res.writableFinished,
          milliseconds: Math.round((performance.now() - start) * 1000) / 1000,
        },
        'request',
      )
    })
    return next()
  }
}
