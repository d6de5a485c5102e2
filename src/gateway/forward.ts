import type { IncomingMessage } from 'node:http'
import type { Context, Middleware } from 'koa'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { createTrustedProxies, plainAddress } from '../http/trusted-proxies.js'
import type { Logger } from '../log/logger.js'
import { type ErrorWriter, writeError } from '../middleware/error-response.js'
import { isAwaitingContinue } from '../server/expectation.js'
import { ownTurn } from '../server/own-turn.js'
import { monotonic } from '../time.js'
import type { Upstream } from './connections/upstream.js'
import { exchange } from './exchange.js'
import { type ForwardedRequest, forwardedRequest } from './request/forwarded-request.js'
import type { Replacement } from './request/replacement.js'
import type { Sender } from './request/request-headers.js'
import type { UpstreamAnswer, UpstreamOutcome } from './response/upstream-answer.js'

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

  /** Told of each exchange with the upstream. Must not throw. @default nobody is told */
  onAnswer?: ((answer: UpstreamAnswer) => void) | undefined

  /** Answers with a refusal or a failure. @default as Kapacitor does */
  write?: ErrorWriter

  /**
   * What of a request goes out otherwise than it came: a door that judges a text of its own sends that one.
   * @default nothing
   */
  replace?: (ctx: Context) => Replacement | undefined
}

/**
 * Middleware that sends what was judged to the upstream, and its answer to the client. Mounted last, after
 * `kapacitorAuth`: whose `ctx.state.user` it is, the upstream reads in `X-Forwarded-User`; the `ctx.state.requestId` of
 * `requestId`, in `X-Request-Id`.
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
  const { forwardCookies = false, logger, onAnswer, write = writeError, replace } = options
  const isTrusted = createTrustedProxies(options.trustedProxies ?? [])
  const headerOptions = { host: upstream.host, forwardCookies }

  function report(error: AuthError): void {
    const cause = error.cause instanceof Error ? error.cause.message : undefined
    logger?.warn({ code: error.code, upstream: upstream.origin, cause }, error.message)
  }

  /** Measures one exchange, from now on. */
  function measure(listener: NonNullable<typeof onAnswer>) {
    const start = monotonic()
    return (outcome: UpstreamOutcome) => listener({ milliseconds: monotonic() - start, outcome })
  }

  function senderOf(req: IncomingMessage, state: State): Sender {
    const { remoteAddress } = req.socket
    return {
      user: state.user?.name,
      requestId: state.requestId,
      address: plainAddress(remoteAddress),
      isTrusted: isTrusted(remoteAddress),
      isSecure: 'encrypted' in req.socket,
    }
  }

  async function send(ctx: Context, request: ForwardedRequest): Promise<AuthError | undefined> {
    const turn = ownTurn(ctx.req, ctx.res)
    if (turn !== undefined) await turn
    if (ctx.res.socket?.destroyed !== false) return undefined // the client is gone
    const isAwaited = request.hasBody && isAwaitingContinue(ctx.req)
    const asked = isAwaited ? withExpect(request) : request
    try {
      return await exchange(upstream, asked, ctx, report, onAnswer && measure(onAnswer))
    } catch (cause) {
      return new AuthError('ERR_REQUEST_INVALID', 'malformed request', { cause })
    }
  }

  return async function forward(ctx: Context): Promise<void> {
    const sender = senderOf(ctx.req, ctx.state)
    const request = forwardedRequest(ctx.req, sender, headerOptions, replace?.(ctx))
    const error = request instanceof AuthError ? request : await send(ctx, request)
    if (error === undefined) {
      ctx.respond = false
      return
    }
    if (error.status >= 500) report(error)
    write(ctx, error)
  }
}

/** What was found out about a request on its way here. */
interface State {
  readonly user?: User
  readonly requestId?: string
}

/** The upstream is asked too, before the client is told to go on. */
function withExpect(request: ForwardedRequest): ForwardedRequest {
  return { ...request, headers: [...request.headers, 'Expect', '100-continue'] }
}
