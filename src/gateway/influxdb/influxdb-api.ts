import type { IncomingMessage } from 'node:http'
import type { Context, Middleware, Next } from 'koa'
import type { Authentication, Authenticator } from '../../authn/authenticator.js'
import { canonicalPath } from '../../authz/canonical-path.js'
import { ANYONE, type User } from '../../authz/user.js'
import type { Config } from '../../config/config.js'
import { AuthError } from '../../errors.js'
import type { Logger } from '../../log/logger.js'
import type { Decision, DecisionListener } from '../../middleware/decision.js'
import { describedCaller } from '../../middleware/described-caller.js'
import type { ErrorWriter } from '../../middleware/error-response.js'
import { outcomeOf } from '../../middleware/report.js'
import type { Milliseconds } from '../../time.js'
import type { Banner } from './answer/influxdb-headers.js'
import { writeMethodNotAllowed, writeNotFound, writeOptions } from './answer/plain-answers.js'
import { createIdentify, type Identity } from './credentials/identify.js'
import type { Caller, Handle, Reply, Subject } from './endpoints/endpoint.js'
import { type Endpoint, type EndpointName, endpointAt } from './endpoints/endpoint-names.js'
import type { FirstAdministrator, Stage } from './first-administrator.js'

export interface InfluxdbApiOptions {
  readonly settings: Config['influxdb']
  /** Undefined where authentication is switched off. */
  readonly authenticator: Authenticator | undefined
  /** Whether an identity provider's tokens are accepted. */
  readonly hasProvider: boolean
  /** Where a request comes from, see `createClientNetwork`. */
  readonly originOf: (request: IncomingMessage) => string | undefined
  readonly firstAdministrator: FirstAdministrator | undefined
  readonly banner: () => Banner
  readonly writeError: ErrorWriter
  /** Makes what answers at each endpoint. */
  readonly createHandlers: (reply: Reply) => Readonly<Record<EndpointName, Handle>>
  /** What is done with requests for none of the endpoints: answered with 404, or passed on. @default refuse */
  readonly others?: 'refuse' | 'pass'
  readonly onDecision: DecisionListener | undefined
  readonly logger: Logger | undefined
}

/**
 * InfluxDB's API as a corridor: endpoint, method, caller, and then what the endpoint decides. A request goes on to
 * `next` with `ctx.state.user` and, where it is a query, `ctx.state.statements`; or it is answered here.
 */
export function createInfluxdbApi(options: InfluxdbApiOptions): Middleware {
  const { settings, authenticator, firstAdministrator, banner, writeError, logger } = options
  const { others = 'refuse', onDecision } = options
  const identify =
    authenticator &&
    createIdentify({
      authenticator,
      originOf: options.originOf,
      takesBearer: settings.sharedSecret !== undefined || options.hasProvider,
    })
  const ageOf = ({ account, name }: User): Milliseconds | undefined =>
    authenticator?.age?.(account ?? name)
  const handlers = options.createHandlers({ allow, refuse })

  function allow(ctx: Context, caller: Caller, subject: Subject = {}): void {
    note(ctx, subject)
    if (onDecision) report(ctx, caller, undefined, subject)
  }

  function refuse(ctx: Context, caller: Caller, error: AuthError, subject: Subject = {}): void {
    note(ctx, subject)
    if (onDecision) report(ctx, caller, error, subject)
    if (error.status >= 500) logError(error)
    writeError(ctx, error)
  }

  /** For the access log. */
  function note({ state }: Context, { databases, statements }: Subject): void {
    state.databases = databases
    state.statementKinds = statements
  }

  function report(
    ctx: Context,
    { user, via, claimed }: Caller,
    error: AuthError | undefined,
    { databases, statements }: Subject,
  ): void {
    const name = user?.name
    onDecision?.(ctx, {
      door: 'influxdb',
      outcome: outcomeOf(error),
      code: error?.code,
      via,
      user: name,
      claimed: name ?? claimed,
      ...describedCaller(user ?? error),
      action: undefined,
      databases,
      statements,
      age: user === undefined ? undefined : ageOf(user),
    })
  }

  function logError(error: AuthError): void {
    const cause = error.cause instanceof Error ? error.cause.message : undefined
    logger?.warn({ code: error.code, cause }, error.message)
  }

  function influxdbApi(ctx: Context, next: Next): Promise<unknown> {
    const { method = '', url = '' } = ctx.req
    const path = canonicalPath(url)
    const endpoint = path === undefined ? undefined : endpointAt(path, settings)
    // InfluxDB does not decode a path. An application may, and must not get past the login by it
    const isEncoded = path !== undefined && !url.startsWith(path)
    if (endpoint === undefined || (isEncoded && others === 'refuse')) {
      if (others === 'pass') return next()
      writeNotFound(ctx, banner())
      return DONE
    }
    if (!endpoint.methods.includes(method)) {
      writeMethodNotAllowed(ctx, banner(), endpoint.methods)
      return DONE
    }
    if (method === 'OPTIONS') {
      writeOptions(ctx, banner())
      return DONE
    }
    if (identify === undefined) return proceed(ctx, next, endpoint, OFF)
    if (isOpen(endpoint, settings)) return proceed(ctx, next, endpoint, OPEN)
    const stage = firstAdministrator?.stage() ?? 'normal'
    if (stage !== 'normal') return proceedInStage(ctx, next, endpoint, stage)
    return signIn(ctx, next, endpoint)
  }

  async function proceedInStage(
    ctx: Context,
    next: Next,
    endpoint: Endpoint,
    asked: Stage | Promise<Stage>,
  ): Promise<unknown> {
    let stage: Stage
    try {
      stage = await asked
    } catch (error) {
      return refuse(ctx, NOBODY, asAuthError(error))
    }
    // Credentials are not looked at, as long as nobody can have right ones
    const isKnowable = stage === 'normal' || (options.hasProvider && hasToken(ctx.req))
    return isKnowable ? signIn(ctx, next, endpoint) : proceed(ctx, next, endpoint, NOBODY)
  }

  function signIn(ctx: Context, next: Next, endpoint: Endpoint): Promise<unknown> {
    const identity = (identify as NonNullable<typeof identify>)(ctx.req)
    const { answer } = identity
    // A remembered user is known at once: no promise on the way of a cache hit
    return answer instanceof Promise
      ? signInLater(ctx, next, endpoint, identity, answer)
      : decide(ctx, next, endpoint, identity, answer, 'remembered')
  }

  async function signInLater(
    ctx: Context,
    next: Next,
    endpoint: Endpoint,
    identity: Identity,
    answer: Promise<Authentication>,
  ): Promise<unknown> {
    const user = await answer.catch(asAuthError)
    return decide(ctx, next, endpoint, identity, user, 'verified')
  }

  function decide(
    ctx: Context,
    next: Next,
    endpoint: Endpoint,
    { kind, claimed }: Identity,
    user: Authentication,
    via: Decision['via'],
  ): Promise<unknown> {
    if (user instanceof AuthError) {
      const caller = { ...NOBODY, via: via === 'remembered' ? 'none' : via, claimed } as const
      refuse(ctx, caller, user)
      return DONE
    }
    return proceed(ctx, next, endpoint, {
      user,
      via,
      isByPassword: kind === 'password',
      claimed: user.name,
    })
  }

  async function proceed(
    ctx: Context,
    next: Next,
    { name }: Endpoint,
    caller: Caller,
  ): Promise<unknown> {
    if (caller.user) ctx.state.user = caller.user satisfies User
    try {
      return await handlers[name](ctx, caller, next)
    } catch (error) {
      if (!(error instanceof AuthError) || ctx.headerSent) throw error
      return refuse(ctx, caller, error)
    }
  }

  return influxdbApi
}

const DONE = Promise.resolve()

const NOBODY: Caller = { user: undefined, via: 'none', isByPassword: false, claimed: undefined }
const OPEN: Caller = { ...NOBODY, via: 'open' }
const OFF: Caller = { user: ANYONE, via: 'off', isByPassword: true, claimed: undefined }

/** Whether a token comes with the request, which may be somebody's whom the provider knows. */
const hasToken = ({ headers }: IncomingMessage) =>
  /^(?:Bearer|Token) /.test(headers.authorization ?? '')

function isOpen({ name }: Endpoint, settings: Config['influxdb']): boolean {
  if (name === 'ping') return !settings.pingAuthEnabled
  return name === 'debug' && !settings.pprofAuthEnabled
}

function asAuthError(error: unknown): AuthError {
  if (error instanceof AuthError) return error
  throw error
}
