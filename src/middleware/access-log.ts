import type { Context, Next } from 'koa'
import type { User } from '../authz/user.js'
import { createClientAddress } from './client-address.js'
import { countBody } from './count-body.js'
import type { Logger } from './logger.js'
import { redactTarget } from './redact-target.js'

export interface AccessLogOptions {
  /** Addresses and networks of proxies in front, whose `X-Forwarded-For` is believed. @default [] (nobody) */
  trustedProxies?: readonly string[]
}

/**
 * Middleware that logs one line for each request, after its answer has gone out or the client has gone away. `bytes`
 * is the length of the answer's body, `duration` is in milliseconds, `complete` is whether all of it was sent.
 * Mounted before all others but `requestId`.
 *
 * @throws TypeError that names an entry of `trustedProxies` which is neither address nor network
 */
export function accessLog(logger: Logger, { trustedProxies = [] }: AccessLogOptions = {}) {
  const clientAddress = createClientAddress(trustedProxies)
  return function accessLog(ctx: Context, next: Next): Promise<unknown> {
    const start = performance.now()
    const target = ctx.url
    const address = clientAddress(ctx.req) // later the socket may be gone
    const bytes = countBody(ctx.res)
    ctx.res.once('close', () => {
      const user: User | undefined = ctx.state.user
      logger.info(
        {
          ...address,
          user: user?.name || undefined,
          method: ctx.method,
          path: redactTarget(target),
          // Who went away before the answer began got no status
          status: ctx.res.headersSent ? ctx.res.statusCode : undefined,
          bytes: bytes(),
          duration: Math.round((performance.now() - start) * 1000) / 1000,
          requestId: ctx.state.requestId,
          complete: ctx.res.writableFinished,
        },
        'request',
      )
    })
    return next()
  }
}
