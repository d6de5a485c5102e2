import Koa, { type Context, type Next } from 'koa'
import Router from 'koa-router'
import { createDecoy } from '../authn/passwords/decoy.js'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import { type HashCost, workOf } from '../authn/passwords/password-hash.js'
import { AuthError } from '../errors.js'
import { writeError } from '../middleware/error-response.js'
import { refuseOtherSite } from '../middleware/other-site.js'
import { readBody } from '../middleware/read-body.js'
import { readParameter, requireParameter } from '../middleware/read-parameter.js'
import { readPermission } from '../registry/fields.js'
import type { Registry } from '../registry/registry.js'
import type { Milliseconds } from '../time.js'
import { type Caller, mayChange, mayChangePassword, mayRead } from './access.js'
import { answerHeaders } from './answer-headers.js'
import { answerInPieces } from './answer-in-pieces.js'
import { applyRoleChange, applyUserChange } from './apply-change.js'
import type { ChangeFeed } from './change-feed.js'
import {
  type Cluster,
  clusterDocument,
  LDAP_DOCUMENT,
  statusDocument,
} from './cluster-documents.js'
import { rolesAnswer, usersAnswer } from './documents.js'
import { judge } from './judge-password.js'
import { parseRoleChange, parseUserChange } from './parse-change.js'
import { readIsByCreation, readNameParameter, readSince } from './read-parameters.js'

export interface MetaNodeOptions {
  registry: Registry

  hasher: PasswordHasher

  /** How the password hashes that are made here are made. @default bcrypt at the cost 10 */
  cost?: HashCost

  /** How many characters (Unicode code points) a new password must have. @default 1 */
  passwordMinLength?: number

  /**
   * Who asks; throws the refusal. @default everybody is taken for a node, and may do everything
   */
  authenticate?: (ctx: Context) => Promise<Caller>

  /** Where this meta node and the others are reached. @default by the name that the request has for it */
  cluster?: () => Cluster

  /** What `X-Influxdb-Version` says. @default '1.10.0-kapacitor-auth' */
  version?: string

  /** What the operator must know: unexpected errors, and a registry out of reach. @default printed to standard error */
  log?: (error: unknown, ctx: Context | undefined) => void

  /** Tells clients what changes, at `/changes`. @default nobody does, and there is no such path */
  changes?: ChangeFeed

  /** How long a client may take nothing of a long answer before it is cut off. @default 30_000 */
  patience?: Milliseconds
}

const NODE: Caller = { kind: 'node' }

/**
 * The meta API of InfluxDB Enterprise, as far as users, roles and permissions go, over a registry: `/user`,
 * `/role`, `/authorized`, `/ping`, and for clients that look at a cluster `/status`, `/show-cluster` and
 * `/ldap/v1/config`; besides `/changes`, which those do not have.
 */
export function createMetaNode(options: MetaNodeOptions): Koa {
  const {
    registry,
    hasher,
    cost = 10,
    passwordMinLength = 1,
    authenticate = async () => NODE,
    cluster,
    version = '1.10.0-kapacitor-auth',
    log = (error) => console.error(error),
    patience = 30_000,
    changes,
  } = options

  const decoy = createDecoy(workOf(cost))

  /** The caller as he is when the body has come: who holds it back gains nothing by it. */
  async function readChange(ctx: Context): Promise<{ caller: Caller; body: string }> {
    allow(refuseOtherSite(ctx.req.headers))
    await authenticate(ctx)
    const body = await readBody(ctx.req)
    return { caller: await authenticate(ctx), body }
  }

  const router = new Router({ sensitive: true, strict: true })

  router.get('/ping', (ctx) => answerEmpty(ctx))

  router.get('/user', async (ctx) => {
    allow(mayRead(await authenticate(ctx)))
    const name = readNameParameter(ctx.url)
    const isByCreation = readIsByCreation(ctx.url)
    const found = await answerInPieces(ctx, registry, patience, (state) =>
      usersAnswer(state, name, isByCreation),
    )
    if (!found) throw new AuthError('ERR_NOT_FOUND', 'user not found')
  })

  router.get('/role', async (ctx) => {
    allow(mayRead(await authenticate(ctx)))
    const name = readNameParameter(ctx.url)
    const found = await answerInPieces(ctx, registry, patience, (state) => rolesAnswer(state, name))
    if (!found) throw new AuthError('ERR_NOT_FOUND', 'role not found')
  })

  router.post('/user', async (ctx) => {
    const { caller, body } = await readChange(ctx)
    const change = parseUserChange(body, passwordMinLength)
    const own = change.action === 'change-password'
    allow(own ? mayChangePassword(caller, change.name) : mayChange(caller))
    await applyUserChange(registry, hasher, cost, change)
    answerEmpty(ctx)
  })

  router.post('/role', async (ctx) => {
    const { caller, body } = await readChange(ctx)
    const change = parseRoleChange(body)
    allow(mayChange(caller))
    await applyRoleChange(registry, change)
    answerEmpty(ctx)
  })

  router.get('/authorized', async (ctx) => {
    allow(mayRead(await authenticate(ctx)))
    const refusal = await judge(registry, hasher, decoy, {
      name: requireParameter(ctx.url, 'name'),
      password: requireParameter(ctx.url, 'password'),
      permission: readPermission(requireParameter(ctx.url, 'permission')),
      resource: readParameter(ctx.url, 'resource') ?? '',
    })
    allow(refusal)
    ctx.body = {}
  })

  if (changes) {
    router.get('/changes', async (ctx) => {
      const check = async () => {
        const caller = await authenticate(ctx)
        allow(mayRead(caller))
        return caller
      }
      const caller = await check()
      const since = readSince(ctx.url, ctx.req.headers['last-event-id'])
      await changes.answer(ctx, since, caller, check)
    })
  }

  /** The meta nodes, for whoever signs in. */
  async function clusterFor(ctx: Context): Promise<Cluster> {
    await authenticate(ctx)
    return cluster?.() ?? { self: { address: ctx.host, scheme: schemeOf(ctx) }, others: [] }
  }

  router.get('/status', async (ctx) => {
    ctx.body = statusDocument(await clusterFor(ctx))
  })

  router.get('/show-cluster', async (ctx) => {
    ctx.body = clusterDocument(await clusterFor(ctx), version)
  })

  router.get('/ldap/v1/config', async (ctx) => {
    await authenticate(ctx)
    ctx.body = LDAP_DOCUMENT
  })

  async function refusals(ctx: Context, next: Next): Promise<void> {
    try {
      await next()
    } catch (error) {
      const refusal = error instanceof AuthError ? error : internal(error)
      if (refusal.status >= 500 && refusal.code !== 'ERR_BUSY') log(error, ctx)
      writeError(ctx, refusal)
    }
  }

  function nothingHere(ctx: Context): void {
    const routes = router.stack.filter(({ path }) => path === ctx.path)
    if (routes.length === 0) throw new AuthError('ERR_NOT_FOUND', 'not found')
    const Allow = routes.flatMap(({ methods }) => methods).join(', ')
    const message = `${ctx.method} is not allowed here`
    throw new AuthError('ERR_METHOD_UNKNOWN', message, { headers: { Allow } })
  }

  const app = new Koa()
  const reported = new WeakSet<Error>() // Koa reports a body that fails twice
  app.on('error', (error: Error, ctx) => {
    if (!isClientGone(error) && !reported.has(error)) log(error, ctx)
    reported.add(error)
  })
  app.use(answerHeaders(version, registry.index))
  app.use(refusals)
  app.use(router.routes())
  app.use(nothingHere)
  return app
}

/** 200 without a body, as meta nodes acknowledge a change. */
function answerEmpty(ctx: Context): void {
  ctx.body = ''
  ctx.type = 'text/plain'
}

function schemeOf(ctx: Context): 'http' | 'https' {
  return ctx.secure ? 'https' : 'http'
}

function allow(refusal: AuthError | undefined): void {
  if (refusal) throw refusal
}

function internal(cause: unknown): AuthError {
  return new AuthError('ERR_INTERNAL', 'internal error', { cause })
}

/** Whether that is only a client who left in the middle: what Node's streams or its HTTP parser say then. */
function isClientGone({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^(?:ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|HPE_\w+)$/.test(code)
}
