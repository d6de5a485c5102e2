import type { Context, Next } from 'koa'
import type { User } from '../authz/user.js'
import { createClientAddress } from '../http/client-address.js'
import { bodyBytes, countBody } from '../http/count-body.js'
import { loggedPath } from '../http/logged-path.js'
import type { Logger } from '../log/logger.js'
import { maskTokens } from '../text/mask-tokens.js'
import type { Door } from './decision.js'

export interface AccessLogOptions {
  /** Addresses and networks of proxies in front, whose `X-Forwarded-For` is believed. @default [] (nobody) */
  trustedProxies?: readonly string[]

  /** Which daemon's API it is, for a program that serves several. @default it is not said */
  door?: Door
}

/**
 * Middleware that logs one line for each request, after its answer has gone out or the client has gone away. `bytes`
 * is the length of the answer's body, `duration` is in milliseconds, `complete` is whether all of it was sent.
 * Mounted before all others but `requestId`.
 *
 * @throws TypeError that names an entry of `trustedProxies` which is neither address nor network
 */
export function accessLog(logger: Logger, { trustedProxies = [], door }: AccessLogOptions = {}) {
  const clientAddress = createClientAddress(trustedProxies)
  return function accessLog(ctx: Context, next: Next): Promise<unknown> {
    const start = performance.now()
    const target = ctx.url
    const { client, proxy } = clientAddress(ctx.req) // later the socket may be gone
    countBody(ctx.res)
    ctx.res.once('close', () => {
      const user: User | undefined = ctx.state.user
      // No spread: what V8 copies like that outlived its request, and 1.3 kB of each went to old space
      logger.info(
        {
          client,
          proxy,
          door,
          user: user?.name ? maskTokens(user.name) : undefined,
          method: ctx.method,
          path: loggedPath(target),
          // A client that went away before the answer began got no status
          status: ctx.res.headersSent ? ctx.res.statusCode : undefined,
          bytes: bodyBytes(ctx.res),
          duration: Math.round((performance.now() - start) * 1000) / 1000,
          // Of a request to InfluxDB
          statements: ctx.state.statementKinds,
          databases: ctx.state.databases,
          requestId: ctx.state.requestId,
          complete: ctx.res.writableFinished,
        },
        'request',
      )
    })
    return next()
  }
}
