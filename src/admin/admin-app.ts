import Koa, { type Context, type Next } from 'koa'
import { reservedPrefix } from '../authz/shown-name.js'
import { AuthError } from '../errors.js'
import { refuseForeignHost } from '../http/foreign-host.js'
import { writeError } from '../middleware/error-response.js'
import { refuseOtherSite } from '../middleware/other-site.js'
import {
  readParameter,
  refuseOtherParameters,
  requireParameter,
} from '../middleware/read-parameter.js'
import type { Administered } from './administered.js'
import { METRICS_TYPE } from './metrics.js'

export interface AdminAppOptions {
  /** What the operator must know: unexpected errors. */
  log: (error: unknown) => void

  /** The host name that it is bound to, which requests may name too. @default only IP addresses and localhost */
  host?: string
}

type Handler = (ctx: Context) => Promise<void> | void

/**
 * Health, metrics, explanations and purging, for operators. It asks for no credentials, so it belongs on an address that only
 * this machine reaches. What a page of another site makes a browser on this machine send is refused (403).
 */
export function createAdminApp(administered: Administered, { log, host }: AdminAppOptions): Koa {
  async function explain(ctx: Context): Promise<void> {
    const token = readParameter(ctx.url, 'token')
    if (token !== undefined && !/^[\da-f]{64}$/.test(token)) {
      const says = '"token" is not the SHA-256 of a token in hexadecimal digits'
      throw new AuthError('ERR_REQUEST_INVALID', says)
    }
    const user = token === undefined ? requireParameter(ctx.url, 'user') : ''
    const query = readParameter(ctx.url, 'query')
    const question =
      query === undefined
        ? { method: requireParameter(ctx.url, 'method'), path: requireParameter(ctx.url, 'path') }
        : { method: 'POST', path: '/query', query, db: readParameter(ctx.url, 'db') }
    const answer = await administered.explain({ user, token, ...question })
    if (answer instanceof AuthError) throw answer
    ctx.body = answer
  }

  async function purge(ctx: Context): Promise<void> {
    refuseOtherParameters(ctx.url, ['user'])
    const user = readParameter(ctx.url, 'user')
    if (user === '') throw new AuthError('ERR_REQUEST_INVALID', '"user" is empty in the query')
    // Subjects and tokens are remembered by other keys than they are shown by
    const isShownName = user !== undefined && reservedPrefix(user) !== undefined
    await administered.purge(isShownName ? undefined : user)
    ctx.status = 204
  }

  const routes = new Map<string, Readonly<Record<string, Handler>>>([
    ['/healthz', reading(answerHealth)],
    ['/readyz', reading((ctx) => answerReadiness(ctx, administered))],
    ['/metrics', reading((ctx) => answerMetrics(ctx, administered))],
    ['/explain', reading(explain)],
    ['/cache/purge', { POST: purge }],
  ])

  async function refusals(ctx: Context, next: Next): Promise<void> {
    ctx.set('Cache-Control', 'no-store')
    ctx.set('X-Content-Type-Options', 'nosniff')
    try {
      await next()
    } catch (error) {
      const refusal =
        error instanceof AuthError
          ? error
          : new AuthError('ERR_INTERNAL', 'internal error', { cause: error })
      if (refusal.status >= 500) log(error)
      writeError(ctx, refusal)
    }
  }

  async function route(ctx: Context): Promise<void> {
    const refusal = refuseForeignHost(ctx.req.headers.host, host ? [host] : [])
    if (refusal) throw refusal
    const methods = routes.get(ctx.path)
    if (!methods) throw new AuthError('ERR_NOT_FOUND', 'not found')
    const handler = Object.hasOwn(methods, ctx.method) ? methods[ctx.method] : undefined
    if (!handler) {
      const headers = { Allow: Object.keys(methods).join(', ') }
      throw new AuthError('ERR_METHOD_UNKNOWN', `${ctx.method} is not allowed here`, { headers })
    }
    const foreign = ctx.method === 'POST' ? refuseOtherSite(ctx.req.headers) : undefined
    if (foreign) throw foreign
    await handler(ctx)
  }

  const app = new Koa()
  app.on('error', log)
  app.use(refusals)
  app.use(route)
  return app
}

/** Koa leaves the body out of an answer to HEAD. */
function reading(handler: Handler): Readonly<Record<string, Handler>> {
  return { GET: handler, HEAD: handler }
}

function answerHealth(ctx: Context): void {
  ctx.body = { status: 'ok' }
}

async function answerReadiness(ctx: Context, administered: Administered): Promise<void> {
  const parts = await administered.readiness()
  const ready = parts.every((part) => part.ready || part.required === false)
  ctx.status = ready ? 200 : 503
  ctx.body = { ready, parts }
}

async function answerMetrics(ctx: Context, administered: Administered): Promise<void> {
  const text = await administered.metrics()
  ctx.set('Content-Type', METRICS_TYPE)
  ctx.body = text
}
