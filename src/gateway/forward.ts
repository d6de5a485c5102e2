import type { IncomingMessage } from 'node:http'
import type { Context, Middleware } from 'koa'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { writeError } from '../middleware/error-response.js'
import type { Logger } from '../middleware/logger.js'
import { exchange, type ForwardedRequest } from './exchange.js'
import { isAwaitingContinue } from './expectation.js'
import { forwardedTarget } from './forwarded-target.js'
import { ownTurn } from './own-turn.js'
import { requestHeaders } from './request-headers.js'
import { screen } from './screening.js'
import { createTrustedProxies, plainAddress } from './trusted-proxies.js'
import type { Upstream } from './upstream.js'

export interface ForwardOptions {
  /**
   * Addresses and networks (`10.0.0.0/8`, `::1`) of proxies in front: their `X-Forwarded-For` is continued, their
   * `X-Forwarded-Proto` and `-Host` are passed on. From all others these are dropped. @default [] (nobody)
   */
  trustedProxies?: readonly string[]

  /**
   * Whether `Cookie` headers go to the upstream. Neither Kapacitor nor InfluxDB has any; cookies that a browser sends
   * along may be another application's on the same host, and are its credentials. @default false
   */
  forwardCookies?: boolean

  /** Where the operator reads why the upstream gave no answer. @default nobody is told */
  logger?: Logger
}

/**
 * Middleware that sends what was judged to the upstream, and its answer to the client. Mounted last, after
 * `kapacitorAuth`: whose `ctx.state.user` it is, the upstream reads in `X-Forwarded-User`.
 *
 * Forwarded are the canonical path, encoded anew, the query without `u` and `p`, and the headers that `requestHeaders`
 * lets through. Bodies are streamed both ways. Refused with 400 is what `screen` refuses, and a query that servers
 * would read differently. An upstream that is down is answered with 502, a slow one with 504, one with too many
 * requests already with 503, each as `{"error": …}`. Informational answers other than 100 (RFC 9110 §15.2) are not
 * passed on.
 *
 * @throws TypeError that names the option
 */
export function forward(upstream: Upstream, options: ForwardOptions = {}): Middleware {
  const { forwardCookies = false, logger } = options
  const isTrusted = createTrustedProxies(options.trustedProxies ?? [])
  const headerOptions = { host: upstream.host, forwardCookies }

  function report(error: AuthError): void {
    const cause = error.cause instanceof Error ? error.cause.message : undefined
    logger?.warn({ code: error.code, upstream: upstream.origin, cause }, error.message)
  }

  function prepare(req: IncomingMessage, user: User | undefined): ForwardedRequest | AuthError {
    const line = screen(req)
    if (line instanceof AuthError) return line
    const target = forwardedTarget(req.url as string, line.path)
    if (target === undefined) return new AuthError('ERR_REQUEST_AMBIGUOUS', 'ambiguous query')
    const { remoteAddress } = req.socket
    const sender = {
      user: user?.name,
      address: plainAddress(remoteAddress),
      isTrusted: isTrusted(remoteAddress),
      isSecure: 'encrypted' in req.socket,
    }
    const head = requestHeaders(req, sender, headerOptions)
    if (head instanceof AuthError) return head
    const { headers, hasBody } = head
    if (hasBody && isAwaitingContinue(req)) headers.push('Expect', '100-continue')
    return { method: req.method as string, target, headers, hasBody }
  }

  async function send(ctx: Context, request: ForwardedRequest): Promise<AuthError | undefined> {
    const turn = ownTurn(ctx.req, ctx.res)
    if (turn !== undefined) await turn
    if (ctx.res.socket?.destroyed !== false) return undefined // the client is gone
    try {
      return await exchange(upstream, request, ctx, report)
    } catch (cause) {
      return new AuthError('ERR_REQUEST_INVALID', 'malformed request', { cause })
    }
  }

  return async function forward(ctx: Context): Promise<void> {
    const request = prepare(ctx.req, ctx.state.user)
    const error = request instanceof AuthError ? request : await send(ctx, request)
    if (error === undefined) {
      ctx.respond = false
      return
    }
    if (error.status >= 500) report(error)
    writeError(ctx, error)
  }
}
