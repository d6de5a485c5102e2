import Koa, { type Context, type Next } from 'koa'
import Router from 'koa-router'
import type { Attempts } from '../authn/passwords/attempts.js'
import { createDecoy } from '../authn/passwords/decoy.js'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import { type HashCost, workOf } from '../authn/passwords/password-hash.js'
import { AuthError } from '../errors.js'
import type { Logger } from '../log/logger.js'
import { accessLog } from '../middleware/access-log.js'
import type { DecisionListener } from '../middleware/decision.js'
import { writeError } from '../middleware/error-response.js'
import type { Registry } from '../registry/registry.js'
import type { Milliseconds } from '../time.js'
import type { Caller } from './access.js'
import { createAdmission } from './admission.js'
import { answerEmpty, answerHeaders } from './answer-headers.js'
import type { ChangeFeed } from './change-feed.js'
import { type ChangeListener, createChangeRoutes } from './change-routes.js'
import type { Cluster } from './cluster-documents.js'
import { createReadRoutes } from './read-routes.js'
import { addTokenRoutes, TOKEN_API } from './tokens/add-token-routes.js'
import type { IsSubjectListed } from './tokens/token-documents.js'
import { writeTokenError } from './tokens/write-token-error.js'

export interface MetaNodeOptions {
  registry: Registry

  hasher: PasswordHasher

  /** How new passwords are hashed. @default bcrypt at the cost 10 */
  cost?: HashCost

  /** How many characters (Unicode code points) a new password must have. @default 1 */
  passwordMinLength?: number

  /** Who calls; rejects with the refusal. @default everybody is taken for a node, and may do everything */
  authenticate?: (ctx: Context) => Promise<Caller>

  /**
   * Whether a user who holds `CreateUserAndRole` without being an administrator may change no administrator and grant only
   * what they hold, see `beyondManager`. @default true
   */
  restrictUserManagement?: boolean

  /** Whether a subject that has made tokens may still sign in, for lists of tokens. @default not known, nothing is said */
  isSubjectListed?: IsSubjectListed

  /** Where wrong passwords count, for a `create` of a name that is taken. @default nowhere */
  attempts?: Attempts

  /** Refuses a request by its `Host` header, before anybody is asked who they are. @default none is refused */
  refuseHost?: (header: string | undefined) => AuthError | undefined

  /** Where this meta node and the others are reached. @default by the name that the request has for it */
  cluster?: () => Cluster

  /** What `X-Influxdb-Version` says. @default '1.10.0-kapacitor-auth' */
  version?: string

  /** What the operator must know: unexpected errors, and a registry out of reach. @default printed to standard error */
  log?: (error: unknown, ctx: Context | undefined) => void

  /** Where a line is written for each request. @default nowhere */
  access?: Logger

  /** Hears who was let in or refused, and why. @default nobody */
  onDecision?: DecisionListener

  /** Hears what became of each change of users and roles. @default nobody */
  onChange?: ChangeListener

  /** Tells clients what changes, at `/changes`. @default nobody does, and there is no such path */
  changes?: ChangeFeed

  /** How long a client may take nothing of a long answer before it is cut off. @default 30_000 */
  patience?: Milliseconds
}

/**
 * The meta API of InfluxDB Enterprise, as far as users, roles and permissions go, over a registry: `/user`,
 * `/role`, `/authorized`, `/ping`, and for clients that look at a cluster `/status`, `/show-cluster` and
 * `/ldap/v1/config`; besides `/changes` and the tokens below `/api/v0/`, which Enterprise does not have.
 */
export function createMetaNode(options: MetaNodeOptions): Koa {
  const {
    registry,
    hasher,
    cost = 10,
    passwordMinLength = 1,
    authenticate,
    restrictUserManagement = true,
    isSubjectListed,
    attempts,
    refuseHost,
    cluster,
    version = '1.10.0-kapacitor-auth',
    log = (error) => console.error(error),
    access,
    onDecision,
    onChange,
    patience = 30_000,
    changes,
  } = options

  const admission = createAdmission({
    authenticate,
    onDecision,
    screen: (ctx) => refuseHost?.(ctx.req.headers.host),
  })
  const reads = createReadRoutes({
    registry,
    admission,
    hasher,
    decoy: createDecoy(workOf(cost)),
    patience,
    changes,
    version,
    cluster,
  })
  const posts = createChangeRoutes({
    registry,
    admission,
    hasher,
    cost,
    passwordMinLength,
    restrictUserManagement,
    attempts,
    onChange,
    isAuthenticated: authenticate !== undefined,
  })

  const router = new Router({ sensitive: true, strict: true })
  for (const [path, handle] of Object.entries(reads)) router.get(path, handle)
  router.post('/user', async (ctx) => {
    await posts.changeUser(ctx)
    answerEmpty(ctx)
  })
  router.post('/role', async (ctx) => {
    await posts.changeRole(ctx)
    answerEmpty(ctx)
  })

  addTokenRoutes(router, {
    registry,
    admission,
    patience,
    onChange,
    isAuthenticated: authenticate !== undefined,
    isSubjectListed,
  })

  async function refusals(ctx: Context, next: Next): Promise<void> {
    try {
      await next()
    } catch (error) {
      const refusal = error instanceof AuthError ? error : internal(error)
      if (refusal.status >= 500 && refusal.code !== 'ERR_BUSY') log(error, ctx)
      if (ctx.path.startsWith(TOKEN_API)) writeTokenError(ctx, refusal)
      else writeError(ctx, refusal)
    }
  }

  function nothingHere(ctx: Context): Promise<never> {
    return admission.admit(ctx, () => {
      const routes = router.stack.filter((route) => route.match(ctx.path))
      if (routes.length === 0) throw new AuthError('ERR_NOT_FOUND', 'not found')
      const Allow = routes.flatMap(({ methods }) => methods).join(', ')
      const message = `${ctx.method} is not allowed here`
      throw new AuthError('ERR_METHOD_UNKNOWN', message, { headers: { Allow } })
    })
  }

  const app = new Koa()
  const reported = new WeakSet<Error>() // Koa reports a body that fails twice
  app.on('error', (error: Error, ctx) => {
    if (!isClientGone(error) && !reported.has(error)) log(error, ctx)
    reported.add(error)
  })
  app.use(answerHeaders(version, registry.index))
  if (access) app.use(accessLog(access, { door: 'meta' }))
  app.use(refusals)
  app.use(router.routes())
  app.use(nothingHere)
  return app
}

function internal(cause: unknown): AuthError {
  return new AuthError('ERR_INTERNAL', 'internal error', { cause })
}

/** Whether a client left in the middle: what Node's streams or its HTTP parser report then. */
function isClientGone({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^(?:ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|HPE_\w+)$/.test(code)
}
