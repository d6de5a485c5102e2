import type { Context, Middleware, Next } from 'koa'
import type { Authentication, Authenticator } from '../authn/authenticator.js'
import { rejected } from '../authn/credentials.js'
import type { AccountInspector } from '../authn/inspect-accounts.js'
import { ANYONE } from '../authz/user.js'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'
import { createClientNetwork } from '../http/client-network.js'
import { warn } from '../log/logger.js'
import type { Milliseconds } from '../time.js'
import { authenticate } from './authentication.js'
import { judge } from './authorization.js'
import { answerOptions, setCorsHeaders } from './cors.js'
import type { Decision, DecisionListener } from './decision.js'
import { writeError } from './error-response.js'
import { createKnownRequestLines } from './known-request-lines.js'
import { openEndpoints } from './open-endpoints.js'
import { type AuthStats, createOwnLogin, type OwnLogin, type OwnLoginOptions } from './own-login.js'
import { createReport } from './report.js'
import type { RequestLine } from './request-line.js'
import { type EarlierTarget, earlierTargets } from './rewritten.js'

export interface KapacitorAuthOptions extends OwnLoginOptions {
  /** The authenticator of a program that has one already. @default one made from `config` and `directory` */
  authenticator?: Authenticator

  /** The login that several doors share; it is not closed here. @default one of its own */
  login?: OwnLogin | undefined

  /** Called with each decision: who was allowed or refused, and why. @default not called */
  onDecision?: DecisionListener
}

/** Koa middleware that also has a lifetime. */
export interface KapacitorAuth extends Middleware {
  /** Forgets what is remembered of one user, or of all: the next request asks the directory. */
  forget(name?: string): void

  /** Looks accounts up for explanations; undefined for an authenticator of the program's own, and without authentication. */
  readonly inspector: AccountInspector | undefined

  /** Resolves when the directory can be asked; rejects with the reason. */
  ping(): Promise<void>

  /** Why such a request needs no credentials: its endpoint is open, or authentication is off; undefined if it needs them. */
  exemption(method: string, line: RequestLine): 'open' | 'off' | undefined

  /** How long ago the directory was asked for what is known of that user. */
  age(name: string): Milliseconds | undefined

  /** Figures for metrics; undefined for an authenticator of the program's own. */
  stats(): AuthStats | undefined

  /** Ends hashing threads and connections. Requests that come later are refused (503). */
  close(): Promise<void>
}

/**
 * Authenticates and authorizes like Kapacitor: a request goes on to the application with `ctx.state.user` set, or is
 * answered here with 400, 401, 403, 405 or 503 and `{"error": …}`. `OPTIONS` is answered here too. On an endpoint that
 * is open (`ping-auth-enabled = false`, `pprof-enabled`) nobody signs in, and `ctx.state.user` is undefined. Where the
 * URL was rewritten on its way here, both the one that the client sent and the one that is there now must be allowed.
 * Path, body and status of other requests are left alone.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a certificate or key that `config` names cannot be used
 */
export function kapacitorAuth(config: Config, options: KapacitorAuthOptions = {}): KapacitorAuth {
  const { logger } = options
  if (!options.authenticator && !options.login)
    for (const warning of config.warnings) warn(logger, warning)
  const own =
    options.authenticator || !config.http.authEnabled
      ? undefined
      : (options.login ?? createOwnLogin(config, options))
  const authenticator = own?.authenticator ?? options.authenticator ?? NOBODY
  const isOpen = openEndpoints(config.http)
  const requestLine = createKnownRequestLines()
  const clientNetwork = createClientNetwork(config.gateway.trustedProxies)
  const report = options.onDecision && createReport(options.onDecision, authenticator)

  let closed = false

  function middleware(ctx: Context, next: Next): Promise<unknown> {
    if (closed) return refuse(ctx, new AuthError('ERR_BUSY', 'shutting down'))
    const { method = '', url = '' } = ctx.req // Koa's getters for them take a microsecond, all in all
    const line = requestLine(method, url)
    if (line instanceof AuthError) {
      report?.(ctx, 'none', undefined, line)
      return refuse(ctx, line)
    }
    const earlier = earlierTargets(ctx)
    if (earlier instanceof AuthError) {
      report?.(ctx, 'none', undefined, earlier)
      return refuse(ctx, earlier)
    }
    ctx.state.judgedUrl = url
    setCorsHeaders(ctx)
    if (method === 'OPTIONS') {
      answerOptions(ctx)
      return DONE
    }
    if (!config.http.authEnabled) {
      ctx.state.user = ANYONE
      report?.(ctx, 'off', line.action, ANYONE)
      return next()
    }
    if (isOpen(method, line) && earlier.every((one) => isOpen(method, one.line))) {
      report?.(ctx, 'open', line.action, undefined)
      return next()
    }
    const answer = authenticate(authenticator, ctx, clientNetwork)
    // A remembered user is known at once: no promise on the way of a cache hit
    return answer instanceof Promise
      ? decideLater(ctx, next, line, earlier, answer)
      : decide(ctx, next, line, earlier, answer, 'remembered')
  }

  async function decideLater(
    ctx: Context,
    next: Next,
    line: RequestLine,
    earlier: readonly EarlierTarget[],
    answer: Promise<Authentication>,
  ): Promise<unknown> {
    let user: Authentication
    try {
      user = await answer
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      logger?.warn({ code: error.code, cause: reasonOf(error) }, error.message)
      user = error
    }
    return decide(ctx, next, line, earlier, user, 'verified')
  }

  /** The corridor's second half: the user is known, or the refusal. */
  function decide(
    ctx: Context,
    next: Next,
    line: RequestLine,
    earlier: readonly EarlierTarget[],
    user: Authentication,
    via: Decision['via'],
  ): Promise<unknown> {
    if (user instanceof AuthError) {
      report?.(ctx, via, line.action, user)
      return refuse(ctx, user)
    }
    ctx.state.user = user
    ctx.state.via = via
    const { method = '', url = '' } = ctx.req
    let judgement = judge(user, method, url, line)
    for (const one of earlier) {
      if (judgement.refusal === undefined) judgement = judge(user, method, one.target, one.line)
    }
    report?.(ctx, via, judgement.action, user, judgement)
    return judgement.refusal ? refuse(ctx, judgement.refusal) : next()
  }

  return Object.assign(middleware, {
    forget: (name?: string) => authenticator.forget(name),
    inspector: own?.inspector,
    ping: async () => own?.ping(),
    exemption(method: string, line: RequestLine) {
      if (!config.http.authEnabled) return 'off'
      return isOpen(method, line) ? 'open' : undefined
    },
    age: (name: string) => authenticator.age?.(name),
    stats: () => own?.stats(),
    async close() {
      closed = true
      if (!options.login) await own?.close()
    },
  })
}

const DONE = Promise.resolve()

/** Stands in while authentication is switched off. */
const NOBODY: Authenticator = { authenticate: rejected, forget: () => {} }

function refuse(ctx: Context, refusal: AuthError): Promise<unknown> {
  writeError(ctx, refusal)
  return DONE
}

/** What is behind a refusal, for the operator. Causes are made by this package and hold no secrets. */
function reasonOf(error: AuthError): string | undefined {
  return error.cause instanceof Error ? error.cause.message : undefined
}
