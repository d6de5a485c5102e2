import type { Context, Middleware } from 'koa'
import { callerText } from '../authz/shown-name.js'
import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { createClientNetwork } from '../http/client-network.js'
import { plainAddress } from '../http/plain-address.js'
import { createTrustedProxies } from '../http/trusted-proxies.js'
import type { Logger } from '../log/logger.js'
import { type ErrorWriter, writeError } from '../middleware/error-response.js'
import { ownTurn } from '../server/own-turn.js'
import { type Milliseconds, monotonic } from '../time.js'
import type { Upstream } from './connections/upstream.js'
import { exchange } from './exchange.js'
import type { LeastPace } from './request/body-pace.js'
import { type ForwardedRequest, forwardedRequest } from './request/forwarded-request.js'
import type { Replacement } from './request/replacement.js'
import { RequestBody } from './request/request-body.js'
import type { Sender } from './request/request-headers.js'
import type { UpstreamAnswer, UpstreamOutcome } from './response/upstream-answer.js'

export interface ForwardOptions {
  /**
   * Addresses and networks (`10.0.0.0/8`, `::1`) of proxies in front: their `X-Forwarded-For` is continued, their
   * `X-Forwarded-Proto` and `-Host` are passed on. From all others these are dropped. @default [] (none)
   */
  trustedProxies?: readonly string[]

  /**
   * Whether `Cookie` headers go to the upstream. Neither Kapacitor nor InfluxDB has any; cookies that a browser sends
   * along may be another application's on the same host, and are its credentials. @default false
   */
  forwardCookies?: boolean

  /**
   * How slowly a client may send a body, in bytes per second on average, after `bodyGrace`; slower ones are refused
   * (408). What the upstream keeps it waiting for does not count. 0: as slowly as it likes, within the server's limits.
   * @default 500
   */
  minBodyRate?: number

  /** For how long a client may send slower than that at first. @default 20_000 (20 seconds) */
  bodyGrace?: Milliseconds

  /**
   * Which requests are answered by a stream that may be quiet for any time: neither `responseTimeout` nor `idleTimeout`
   * ends them. Takes the method and the canonical path. @default none
   */
  isStream?: (method: string, path: string) => boolean

  /** Logs why the upstream gave no answer. @default not logged */
  logger?: Logger

  /** Called after each exchange with the upstream. Must not throw. @default not called */
  onAnswer?: ((answer: UpstreamAnswer) => void) | undefined

  /** Answers with a refusal or a failure. @default as Kapacitor does */
  write?: ErrorWriter

  /**
   * What of a request goes out otherwise than it came: a door that judges a text of its own sends that one. Called once
   * for a request.
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
 * lets through. Bodies are streamed both ways; the first 64 kB of a client's are waited for before a connection to the
 * upstream is taken. A body that came without a user, or with HEAD, which needs no privilege, is not forwarded. No user
 * and no address gets more than its share of the connections. Refused with 400 is what `screen` refuses, and a query that servers
 * would read differently. An upstream that is down is answered with 502, a slow one with 504, one with too many
 * requests already with 503, each as `{"error": …}`. Informational answers other than 100 (RFC 9110 §15.2) are not
 * passed on.
 *
 * @throws TypeError that names the option
 */
export function forward(upstream: Upstream, options: ForwardOptions = {}): Middleware {
  const { forwardCookies = false, logger, onAnswer, write = writeError, replace } = options
  const { minBodyRate = 500, bodyGrace = 20_000, isStream = () => false } = options
  if (!(minBodyRate >= 0)) throw new TypeError('minBodyRate must be a number of bytes, or 0')
  if (!(bodyGrace >= 0)) throw new TypeError('bodyGrace must be a number of milliseconds, or 0')
  const isTrusted = createTrustedProxies(options.trustedProxies ?? [])
  const clientNetwork = createClientNetwork(options.trustedProxies ?? [])
  const headerOptions = { host: upstream.host, forwardCookies }
  const pace: LeastPace = { bytesPerSecond: minBodyRate, grace: bodyGrace }

  function report(error: AuthError): void {
    const cause = error.cause instanceof Error ? error.cause.message : undefined
    logger?.warn({ code: error.code, upstream: upstream.origin, cause }, error.message)
  }

  /** Measures one exchange, from now on. */
  function measure(listener: NonNullable<typeof onAnswer>) {
    const start = monotonic()
    return (outcome: UpstreamOutcome) => listener({ milliseconds: monotonic() - start, outcome })
  }

  function senderOf({ req, state }: Context): Sender {
    const { remoteAddress } = req.socket
    return {
      user: state.user?.name,
      requestId: state.requestId,
      address: plainAddress(remoteAddress),
      isTrusted: isTrusted(remoteAddress),
      isSecure: 'encrypted' in req.socket,
    }
  }

  function replacementOf(ctx: Context): Replacement | undefined {
    const replaced = replace?.(ctx)
    const isDropped = replaced?.body === undefined && isBodyUnwanted(ctx)
    return isDropped ? { ...replaced, body: 'none' } : replaced
  }

  /** Whose share of the connections a request is of. */
  function partiesOf({ req, state }: Context): string[] {
    const { user } = state as State
    const network = clientNetwork(req)
    const parties = network === undefined ? [] : [`from ${network}`]
    if (user?.name) parties.push(callerText(user))
    return parties
  }

  async function send(ctx: Context, request: ForwardedRequest): Promise<AuthError | undefined> {
    const { req, res } = ctx
    const turn = ownTurn(req, res)
    if (turn !== undefined) await turn
    let body: RequestBody | undefined
    if (request.hasBody) {
      body = new RequestBody(req, res, pace)
      const refusal = await body.begin()
      if (refusal) return refusal
    }
    if (res.writableEnded || res.socket?.destroyed !== false) return undefined // gone, or answered by the server
    const isQuiet = isStream(request.method, request.path)
    const { responseTimeout, idleTimeout } = isQuiet ? FOR_EVER : upstream
    try {
      return await exchange(upstream, request, body, ctx, {
        parties: partiesOf(ctx),
        responseTimeout,
        idleTimeout,
        onCutOff: report,
        onOutcome: onAnswer && measure(onAnswer),
      })
    } catch (cause) {
      return new AuthError('ERR_REQUEST_INVALID', 'malformed request', { cause })
    }
  }

  /** What was judged is what is forwarded: a URL that somebody rewrote in between was not. */
  function prepare(ctx: Context): ForwardedRequest | AuthError {
    const replaced = replacementOf(ctx)
    const { url } = ctx.req
    const { judgedUrl = url } = ctx.state as State
    const isJudged = url === judgedUrl || url === ctx.originalUrl
    if (replaced?.target === undefined && !isJudged) {
      const cause = new Error('the URL was rewritten between kapacitorAuth and forward')
      return new AuthError('ERR_INTERNAL', 'the URL is not the one that was judged', { cause })
    }
    return forwardedRequest(ctx.req, senderOf(ctx), headerOptions, replaced)
  }

  return async function forward(ctx: Context): Promise<void> {
    const request = prepare(ctx)
    const error = request instanceof AuthError ? request : await send(ctx, request)
    if (error === undefined) {
      ctx.respond = false
      return
    }
    if (error.status >= 500) report(error)
    write(ctx, error)
  }
}

/** What earlier middleware has found out about a request. */
interface State {
  readonly user?: User
  readonly requestId?: string
  /** The URL that `kapacitorAuth` has judged, beside the original one; not there if it was another door. */
  readonly judgedUrl?: string
}

const FOR_EVER = { responseTimeout: 0, idleTimeout: 0 } as const

/** A request that needed no credentials, or no privilege, brings no body to the upstream. */
function isBodyUnwanted({ req, state }: Context): boolean {
  return req.method === 'HEAD' || (state as State).user === undefined
}
