import Koa, { type Context } from 'koa'
import { afterEach, describe, expect, test } from 'vitest'
import { createAuthenticator } from '../../src/authn/authenticator.js'
import { createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import type { Directory } from '../../src/authn/directory/directory.js'
import { createListDirectory } from '../../src/authn/directory/list-directory.js'
import { createPasswordCheck } from '../../src/authn/passwords/password-check.js'
import { loadConfig } from '../../src/config/load-config.js'
import { AuthError } from '../../src/errors.js'
import { accessLog } from '../../src/middleware/access-log.js'
import { authentication } from '../../src/middleware/authentication.js'
import { authorization } from '../../src/middleware/authorization.js'
import { requestLine } from '../../src/middleware/check-request-line.js'
import { cors } from '../../src/middleware/cors.js'
import { errorResponse } from '../../src/middleware/error-response.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { quickHash, quickHasher } from '../support/fixed-hasher.js'
import { basic, startServer, type TestServer } from '../support/servers.js'

const USERS = createListDirectory([
  { name: 'ann', hash: quickHash('apw'), permissions: { '': ['KapacitorAPI'], telegraf: ['WriteData'] } },
  { name: 'weak', hash: quickHash('wpw') },
])
const DOWN: Directory = {
  find: async () => { throw new AuthError('ERR_META_UNAVAILABLE', 'meta node unavailable', { cause: new Error('ECONNREFUSED') }) },
  checkPassword: async () => false,
}
const ANN = { authorization: basic('ann', 'apw') }
const WEAK = { authorization: basic('weak', 'wpw') }
const TASKS = '/kapacitor/v1/tasks'

const authenticatorOf = (directory: Directory) =>
  createAuthenticator({ cache: createCredentialCache(directory), passwords: createPasswordCheck(directory, quickHasher) })
const config = (overrides: Record<string, string> = {}) => loadConfig({ file: false, env: {}, overrides })

const open: TestServer[] = []
const seen: { user?: unknown; path?: string }[] = []

afterEach(async () => {
  seen.length = 0
  await Promise.all(open.splice(0).map((server) => server.close()))
})

/** An application behind the middleware that answers 201 and remembers what reached it. */
async function start(use: (app: Koa) => void, answer: (ctx: Context) => void = (ctx) => { ctx.status = 201; ctx.body = 'done' }) {
  const app = new Koa()
  app.silent = true
  use(app)
  app.use((ctx) => {
    seen.push({ user: ctx.state.user?.name, path: ctx.path })
    answer(ctx)
  })
  const server = await startServer(app.callback())
  open.push(server)
  return server
}

const whole = (overrides?: Record<string, string>, directory = USERS) => (app: Koa) => {
  app.use(kapacitorAuth(config(overrides), { authenticator: authenticatorOf(directory), logger: silent }))
}
const parts = (app: Koa) => {
  app.use(errorResponse()).use(cors()).use(requestLine()).use(authentication(authenticatorOf(USERS))).use(authorization())
}
const silent = { info: () => {}, warn: () => {}, error: () => {} }

const MISSING = 'unable to parse authentication credentials'
const weakMay = (what: string, path = TASKS) => `user weak does not have "${what}" privilege for API endpoint "${path}"`

describe.each([['as one middleware', whole()], ['as its parts', parts]])('%s', (_name, use) => {
  test.each<[string, string, Record<string, string>, string, number, string?]>([
    // says                               method     headers                                    target                                 status  error
    ['a user with the privilege passes',  'GET',     ANN,                                       TASKS,                                 201],
    ['u and p in the query pass',         'GET',     {},                                        `${TASKS}?u=ann&p=apw`,                201],
    ['a user may ask for headers',        'HEAD',    WEAK,                                      TASKS,                                 201],
    ['points for a granted database',     'POST',    ANN,                                       '/write?db=telegraf',                  201],
    ['no credentials',                    'GET',     {},                                        TASKS,                                 401, MISSING],
    ['no credentials for headers',        'HEAD',    {},                                        TASKS,                                 401],
    ['a wrong password',                  'GET',     { authorization: basic('ann', 'no') },     TASKS,                                 401, 'authorization failed'],
    ['an unknown user',                   'GET',     { authorization: basic('bob', 'apw') },    TASKS,                                 401, 'authorization failed'],
    ['an empty user name',                'GET',     { authorization: basic('', 'apw') },       TASKS,                                 401, 'username required'],
    ['a bearer token without a secret',   'GET',     { authorization: 'Bearer a.b.c' },         TASKS,                                 401, 'bearer tokens are not enabled'],
    ['a subscription token',              'GET',     { authorization: basic('~subscriber', 't') }, TASKS,                              401, 'invalid subscription token'],
    ['reading without the privilege',     'GET',     WEAK,                                      TASKS,                                 403, weakMay('read')],
    ['writing without the privilege',     'PATCH',   WEAK,                                      TASKS,                                 403, weakMay('write')],
    ['deleting without the privilege',    'DELETE',  WEAK,                                      TASKS,                                 403, weakMay('delete')],
    ['the message has the decoded path',  'GET',     WEAK,                                      '/kapacitor/v1/%74asks',               403, weakMay('read')],
    ['another database',                  'POST',    ANN,                                       '/write?db=other',                     403, 'user ann does not have "write" privilege for database "other"'],
    ['another database, with a slash',    'POST',    ANN,                                       '/write/?db=other',                    403, 'user ann does not have "write" privilege for database "other"'],
    ['no database',                       'POST',    ANN,                                       '/write',                              403, 'user ann does not have "write" privilege for database ""'],
    ['two databases',                     'POST',    ANN,                                       '/write?db=telegraf&db=other',         400, 'ambiguous parameter db'],
    ['a database behind a semicolon',     'POST',    ANN,                                       '/write?x=1;db=telegraf',              400, 'ambiguous parameter db'],
    ['header and query',                  'GET',     ANN,                                       `${TASKS}?u=ann&p=apw`,                400, 'more than one credential in the request'],
    ['a path with dots, before all else', 'GET',     {},                                        '/kapacitor/v1/ping/%2e%2e/tasks',     400, 'ambiguous request path'],
    ['an unknown method',                 'PROPFIND', ANN,                                      TASKS,                                 405, 'method not allowed'],
  ])('%s', async (_says, method, headers, target, status, error) => {
    const { port } = await start(use)
    const answer = await send(port, method, target, headers)
    expect(answer.status).toBe(status)
    expect(seen).toHaveLength(status === 201 ? 1 : 0)
    if (error) expect(JSON.parse(answer.body)).toEqual({ error })
    expect(answer.headers.has('www-authenticate')).toBe(status === 401)
    if (status === 401) expect(answer.headers.get('www-authenticate')).toBe(`Basic realm="kapacitor", charset="UTF-8"${error?.startsWith('bearer tokens') ? ', Bearer realm="kapacitor", error="invalid_token"' : ''}`)
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET, POST, PATCH, PUT, DELETE, HEAD, OPTIONS')
    if (status !== 201) expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('OPTIONS is answered here, without credentials, and never reaches the application', async () => {
    const { port } = await start(use)
    const answer = await send(port, 'OPTIONS', TASKS, { origin: 'https://example.org' })
    expect(answer).toMatchObject({ status: 200, body: '' })
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://example.org')
    expect(answer.headers.get('access-control-allow-headers')).toContain('Authorization')
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
    expect(seen).toEqual([])
  })

  test('a page of another origin can read answers and refusals', async () => {
    const { port } = await start(use)
    for (const headers of [ANN, WEAK]) {
      const answer = await send(port, 'GET', TASKS, { ...headers, origin: 'https://example.org' })
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://example.org')
    }
  })

  test("the application's status, body and path are left alone, and its errors too", async () => {
    const { port } = await start(use, (ctx) => ctx.throw(418, 'short and stout'))
    const answer = await send(port, 'GET', '/kapacitor/v1/%74asks', ANN)
    expect(answer).toMatchObject({ status: 418, body: 'short and stout' })
    expect(seen).toEqual([{ user: 'ann', path: '/kapacitor/v1/%74asks' }])
  })
})

describe('switches', () => {
  test('with authentication off everybody passes, but not every path', async () => {
    const { port } = await start(whole({ 'http.auth-enabled': 'false' }))
    expect((await send(port, 'GET', TASKS)).status).toBe(201)
    expect((await send(port, 'GET', '/kapacitor/v1/tasks/../config')).status).toBe(400)
    expect(seen).toEqual([{ user: '', path: TASKS }])
  })

  test.each<[string, string, number]>([
    ['GET',    '/kapacitor/v1/ping',       201],
    ['HEAD',   '/ping',                    201],
    ['POST',   '/kapacitor/v1/ping',       401],
    ['GET',    '/kapacitor/v1/pingx',      401],
    ['GET',    '/kapacitor/v1/ping/x',     401],
    ['GET',    '/kapacitor/v1/tasks?/ping', 401],
  ])('ping-auth-enabled = false opens ping alone: %s %s', async (method, target, status) => {
    const { port } = await start(whole({ 'http.ping-auth-enabled': 'false' }))
    expect((await send(port, method, target)).status).toBe(status)
  })
})

describe('what cannot be told', () => {
  test('a meta node out of reach is 503 with Retry-After, and names nothing to the caller', async () => {
    const warnings: unknown[] = []
    const logger = { ...silent, warn: (fields: object) => warnings.push(fields) }
    const { port } = await start((app) => app.use(kapacitorAuth(config(), { authenticator: authenticatorOf(DOWN), logger })))
    const answer = await send(port, 'GET', TASKS, ANN)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(JSON.parse(answer.body)).toEqual({ error: 'meta node unavailable' })
    expect(warnings).toEqual([{ code: 'ERR_META_UNAVAILABLE', cause: 'ECONNREFUSED' }])
    expect(seen).toEqual([])
  })

  test('an authenticator that fails in a way nobody foresaw lets nobody in', async () => {
    const authenticator = { authenticate: async () => { throw new Error('unforeseen') }, forget: () => {} }
    const { port } = await start((app) => app.use(kapacitorAuth(config(), { authenticator })))
    expect((await send(port, 'GET', TASKS, ANN)).status).toBe(500)
    expect(seen).toEqual([])
  })
})

test('once it is closed nobody passes', async () => {
  const auth = kapacitorAuth(config(), { authenticator: authenticatorOf(USERS) })
  const { port } = await start((app) => app.use(auth))
  expect((await send(port, 'GET', TASKS, ANN)).status).toBe(201)
  await auth.close()
  expect((await send(port, 'GET', TASKS, ANN)).status).toBe(503)
})

test('authorization without authentication before it is a mistake, not an open door', async () => {
  const { port } = await start((app) => app.use(authorization()))
  expect((await send(port, 'GET', TASKS, ANN)).status).toBe(500)
  expect(seen).toEqual([])
})

test('the access log has who, what and how it ended, and no secret', async () => {
  const lines: Record<string, unknown>[] = []
  let logged = () => {}
  const written = new Promise<void>((resolve) => { logged = resolve })
  const logger = { ...silent, info: (fields: object) => { lines.push(fields as Record<string, unknown>); logged() } }
  const { port } = await start((app) => { app.use(accessLog(logger)); whole()(app) })
  await send(port, 'GET', `${TASKS}?u=ann&%70=apw&x=1`)
  await written
  expect(lines).toEqual([expect.objectContaining({
    client: '127.0.0.1', user: 'ann', method: 'GET', status: 201, complete: true, path: TASKS,
  })])
  expect(JSON.stringify(lines)).not.toContain('apw')
})

async function send(port: number, method: string, target: string, headers: Record<string, string> = {}) {
  const { request } = await import('node:http')
  return new Promise<{ status: number; headers: Map<string, string>; body: string }>((resolve, reject) => {
    request({ host: '127.0.0.1', port, method, path: target, headers }, (res) => {
      let body = ''
      res.setEncoding('utf8').on('data', (chunk) => { body += chunk })
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: new Map(Object.entries(res.headers) as [string, string][]), body }))
    }).on('error', reject).end()
  })
}

describe('wrong passwords of one address', () => {
  const LIMITS = { 'auth.wrong-password-burst': '3', 'auth.wrong-password-interval': '1h' }
  const limited = (more: Record<string, string> = {}) => (app: Koa) => {
    app.use(kapacitorAuth(config({ ...LIMITS, ...more }), { directory: USERS, hasher: quickHasher, logger: silent }))
  }
  const statusOf = async (url: string, headers: Record<string, string>, query = '') => (await fetch(`${url}${TASKS}${query}`, { headers })).status
  const wrong = (i: number) => ({ authorization: basic(`nobody-${i}`, 'wrong') })

  test('are answered 429 beyond the limit, and cached users 201', async () => {
    const { url } = await start(limited())
    expect(await statusOf(url, ANN)).toBe(201)
    for (let i = 0; i < 3; i++) expect(await statusOf(url, wrong(i))).toBe(401)
    const refused = await fetch(url + TASKS, { headers: wrong(4) })
    expect([refused.status, await refused.json()]).toEqual([429, { error: 'too many wrong passwords, try again later' }])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_590)
    expect(await statusOf(url, {}, '?u=nobody&p=wrong')).toBe(429)
    expect([await statusOf(url, ANN), await statusOf(url, {}, '?u=ann&p=apw')]).toEqual([201, 201])
  })

  test.each([
    // says                                     trusted       status of another client
    ['a trusted proxy says whose they are',     '127.0.0.1',  201],
    ['what others say of themselves is nothing', '192.0.2.99', 429],
  ])('%s', async (_says, trusted, status) => {
    const { url } = await start(limited({ 'gateway.trusted-proxies': trusted }))
    for (let i = 0; i < 4; i++) await statusOf(url, { ...wrong(i), 'x-forwarded-for': '198.51.100.7' })
    expect(await statusOf(url, { ...ANN, 'x-forwarded-for': '198.51.100.8' })).toBe(status)
  })

  test('no interval, no limit', async () => {
    const { url } = await start(limited({ 'auth.wrong-password-interval': '0s' }))
    for (let i = 0; i < 10; i++) expect(await statusOf(url, wrong(i))).toBe(401)
  })
})
