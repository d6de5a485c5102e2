// A1: whoever rewrites the URL on its way, what the client sent must be allowed, and what it has become.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa, { type Context, type Middleware, type Next } from 'koa'
import Router from 'koa-router'
import { afterEach, describe, expect, test } from 'vitest'
import type { Authenticator } from '../../src/authn/authenticator.js'
import { rejected } from '../../src/authn/credentials.js'
import { privilegesOf } from '../../src/authz/permission.js'
import { loadConfig } from '../../src/config/load-config.js'
import { createUpstream } from '../../src/gateway/connections/upstream.js'
import { forward } from '../../src/gateway/forward.js'
import { authentication } from '../../src/middleware/authentication.js'
import { authorization } from '../../src/middleware/authorization.js'
import { requestLine } from '../../src/middleware/check-request-line.js'
import type { Decision } from '../../src/middleware/decision.js'
import { errorResponse } from '../../src/middleware/error-response.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { startRecordingUpstream } from '../support/recording-upstream.js'
import { basic } from '../support/servers.js'

const closing: (() => unknown)[] = []
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close() })

const userOf = (name: string, permissions: Record<string, string[]>) =>
  ({ name, admin: false, privileges: privilegesOf(new Map(Object.entries(permissions).map(([scope, names]) => [scope, new Set(names)])) as never) })
const USERS = new Map([
  ['api', userOf('api', { '': ['KapacitorAPI'] })],
  ['writer', userOf('writer', { telegraf: ['WriteData'] })],
])
const authenticator: Authenticator = {
  authenticate: (credentials) => (credentials.kind === 'password' && USERS.get(credentials.name)) || rejected(),
  forget: () => {},
}

/** What koa-mount 4 does: the prefix is taken off the path for those who are mounted. */
const mount = (prefix: string, mounted: Middleware): Middleware => async (ctx, next) => {
  const before = ctx.path
  if (before !== prefix && !before.startsWith(`${prefix}/`)) return next()
  ctx.path = before.slice(prefix.length) || '/'
  try {
    await mounted(ctx, async () => {
      const inside = ctx.path
      ctx.path = before
      await next()
      ctx.path = inside
    })
  } finally {
    ctx.path = before
  }
}

/** A middleware that rewrites what begins with `from`. */
const rewrite = (from: string, to: string): Middleware => (ctx, next) => {
  if (ctx.url.startsWith(from)) ctx.url = to + ctx.url.slice(from.length)
  return next()
}

type Handler = (req: IncomingMessage, res: ServerResponse) => void
/** What Connect and Express do. */
const host = (prefix: string, app: Koa): Handler => {
  const handle = app.callback()
  return (req, res) => {
    Object.assign(req, { originalUrl: req.url })
    if (req.url?.startsWith(`${prefix}/`)) req.url = req.url.slice(prefix.length)
    handle(req, res)
  }
}

async function start(build: (app: Koa, login: Middleware, answer: Middleware) => Handler | undefined, settings: Record<string, string> = {}, inParts = false) {
  const decisions: Decision[] = []
  const reached: string[] = []
  const config = loadConfig({ file: false, env: {}, overrides: { 'auth.meta-addr': '127.0.0.1:1', ...settings } })
  const whole = kapacitorAuth(config, { authenticator, onDecision: (_ctx, decision) => decisions.push(decision), logger: { info() {}, warn() {}, error() {} } })
  const parts: Middleware = (ctx, next) => requestLine()(ctx, async () => authentication(authenticator)(ctx, async () => authorization()(ctx, next as Next)))
  const app = new Koa()
  app.use(errorResponse())
  app.silent = true
  const answer: Middleware = (ctx: Context) => { reached.push(ctx.url); ctx.body = 'reached' }
  const handle = build(app, inParts ? parts : whole, answer) ?? app.callback()
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => { server.close(); server.closeAllConnections() })
  const { port } = server.address() as AddressInfo
  const ask = (user: string, target: string, method = 'GET') => new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const headers = user ? { authorization: basic(user, 'x') } : {}
    request({ port, host: '127.0.0.1', path: target, method, headers }, async (answered) => {
      resolve({ status: answered.statusCode, body: (await answered.toArray()).join('') })
    }).on('error', reject).end()
  })
  return { ask, decisions, reached }
}

const CLOSED = ['/kapacitor/v1/config', '/kapacitor/v1/users', '/kapacitor/v1/storage/backup', '/kapacitor/v1/debug/pprof', '/kapacitor/v1/config/smtp?x=1']

const WAYS: [string, (app: Koa, login: Middleware, answer: Middleware) => Handler | undefined][] = [
  ['koa-mount',                      (app, login, answer) => { app.use(mount('/kapacitor', (ctx, next) => Promise.resolve(login(ctx, next)))).use(answer); return undefined }],
  ['koa-mount in koa-mount',         (app, login, answer) => { app.use(mount('/kapacitor', mount('/v1', (ctx, next) => Promise.resolve(login(ctx, next))))).use(answer); return undefined }],
  ['a rewriting middleware',         (app, login, answer) => { app.use(rewrite('/kapacitor/v1', '')).use(login).use(answer); return undefined }],
  ['Express',                        (app, login, answer) => host('/kapacitor', app.use(login).use(answer))],
  ['Express, and a rewriting one',   (app, login, answer) => host('/kapacitor', app.use(rewrite('/v1', '/v3')).use(login).use(answer))],
]

describe.each([['as one middleware', false], ['as its parts', true]])('%s', (_says, inParts) => {
  test.each(WAYS)('%s opens nothing that the client’s own path closes', async (_way, build) => {
    const { ask, reached } = await start(build, {}, inParts)
    for (const target of CLOSED) {
      const { status, body } = await ask('api', target)
      expect([target, status]).toEqual([target, 403])
      expect(body).toContain('for API endpoint')
    }
    expect(reached).toEqual([])
    expect((await ask('api', '/kapacitor/v1/tasks')).status).toBe(200)
    expect(reached).toHaveLength(1)
  })

  test.each([
    // says                          the client's                the rewritten                    status
    ['into what is closed',          '/a/tasks',                 '/kapacitor/v1/config',          403],
    ['into what is open',            '/kapacitor/v1/config',     '/kapacitor/v1/tasks',           403],
    ['into what is ambiguous',       '/a/tasks',                 '/kapacitor/v1/x/../config',     400],
    ['out of what is ambiguous',     '/a/../tasks',              '/kapacitor/v1/tasks',           400],
    ['where both are open',          '/a/tasks',                 '/kapacitor/v1/tasks',           200],
  ])('rewritten %s', async (_says, from, to, status) => {
    const { ask, reached } = await start((app, login, answer) => { app.use(rewrite(from, to)).use(login).use(answer); return undefined }, {}, inParts)
    expect((await ask('api', from)).status).toBe(status)
    expect(reached).toHaveLength(status === 200 ? 1 : 0)
  })
})

test('a router’s prefix rewrites nothing', async () => {
  const { ask, reached } = await start((app, login, answer) => {
    const router = new Router({ prefix: '/kapacitor/v1' })
    app.use(router.use(login as never).get(['/config', '/tasks'], answer as never).routes())
    return undefined
  })
  expect([(await ask('api', '/kapacitor/v1/config')).status, (await ask('api', '/kapacitor/v1/tasks')).status]).toEqual([403, 200])
  expect(reached).toEqual(['/kapacitor/v1/tasks'])
})

test('an open endpoint is open by both names, or not at all', async () => {
  const build: (typeof WAYS)[number][1] = (app, login, answer) => { app.use(rewrite('/kapacitor/v1/tasks', '/ping')).use(rewrite('/p', '/kapacitor/v1/ping')).use(login).use(answer); return undefined }
  const { ask, reached } = await start(build, { 'http.ping-auth-enabled': 'false' })
  expect((await ask('', '/kapacitor/v1/tasks')).status).toBe(401)
  expect((await ask('', '/p')).status).toBe(401)
  expect(reached).toEqual([])
  expect((await ask('', '/kapacitor/v1/ping')).status).toBe(200)
})

test('points need their database by both names', async () => {
  const { ask } = await start((app, login, answer) => {
    app.use(rewrite('/write?db=telegraf', '/write?db=secret')).use(rewrite('/write?db=other', '/write?db=telegraf')).use(login).use(answer)
    return undefined
  })
  for (const target of ['/write?db=telegraf', '/write?db=other']) expect((await ask('writer', target, 'POST')).status).toBe(403)
  expect((await ask('writer', '/write?db=telegraf&x=1', 'POST')).status).toBe(403)
})

test('a decision names what was refused', async () => {
  const { ask, decisions } = await start(WAYS[0]?.[1] as never)
  await ask('api', '/kapacitor/v1/config')
  expect(decisions).toMatchObject([{ outcome: 'refused', action: { resource: '/api/config' } }])
})

test.each([
  // says                 target                status  action                                databases
  ['allowed',             '/write?db=telegraf', 200,    { resource: '/api/write' },            ['telegraf']],
  ['another database',    '/write?db=secret',   403,    { resource: '/database/secret_clean' }, ['secret']],
  ['two databases',       '/write?db=a&db=b',   400,    { resource: '/api/write' },            ['a', 'b']],
  ['no database',         '/write',             403,    { resource: '/database' },             undefined],
])('B2: a decision on points names the database, and what refuses: %s', async (_says, target, status, action, databases) => {
  const { ask, decisions } = await start((app, login, answer) => { app.use(login).use(answer); return undefined })
  expect((await ask('writer', target, 'POST')).status).toBe(status)
  expect(decisions).toMatchObject([{ door: 'kapacitor', action, ...(databases && { databases }) }])
  if (!databases) expect(decisions[0]).not.toHaveProperty('databases')
})

describe('in front of a gateway', () => {
  async function gateway(build: (app: Koa, login: Middleware, gate: Middleware) => void) {
    const recording = await startRecordingUpstream()
    const upstream = createUpstream({ url: recording.url })
    closing.push(recording.close, () => upstream.close())
    const logged: unknown[] = []
    const gate = forward(upstream, { logger: { info() {}, error() {}, warn: (fields) => logged.push(fields) } })
    return { ...(await start((app, login) => { build(app, login, gate); return undefined })), recording, logged }
  }

  test('what was rewritten after it was judged is not forwarded', async () => {
    const { ask, recording, logged } = await gateway((app, login, gate) => app.use(login).use(rewrite('/kapacitor/v1/tasks', '/kapacitor/v1/config')).use(gate))
    expect(await ask('api', '/kapacitor/v1/tasks')).toEqual({ status: 500, body: '{"error":"internal error"}' })
    expect(recording.requests).toEqual([])
    expect(logged).toMatchObject([{ code: 'ERR_INTERNAL', cause: 'the URL was rewritten between kapacitorAuth and forward' }])
    expect((await ask('api', '/kapacitor/v1/topics')).status).toBe(204)
  })

  test('what was rewritten before is forwarded as it was judged', async () => {
    const { ask, recording } = await gateway((app, login, gate) => app.use(rewrite('/k', '/kapacitor/v1')).use(login).use(gate))
    expect((await ask('api', '/k/tasks')).status).toBe(204)
    expect(recording.requests.map(({ target }) => target)).toEqual(['/kapacitor/v1/tasks'])
  })

  test('mounted login, and the gateway behind it', async () => {
    const { ask, recording } = await gateway((app, login, gate) => app.use(mount('/kapacitor', (ctx, next) => Promise.resolve(login(ctx, next)))).use(gate))
    expect((await ask('api', '/kapacitor/v1/tasks')).status).toBe(204)
    expect((await ask('api', '/kapacitor/v1/config')).status).toBe(403)
    expect(recording.requests.map(({ target }) => target)).toEqual(['/kapacitor/v1/tasks'])
  })
})
