import fc from 'fast-check'
import Koa from 'koa'
import { afterEach, describe, expect, test } from 'vitest'
import { type Explanation, explain } from '../../src/admin/explain-endpoint.js'
import { createAccount } from '../../src/authn/directory/account.js'
import type { Directory } from '../../src/authn/directory/directory.js'
import { createListDirectory } from '../../src/authn/directory/list-directory.js'
import { PERMISSIONS, type Permission } from '../../src/authz/permission.js'
import { loadConfig } from '../../src/config/load-config.js'
import { AuthError } from '../../src/errors.js'
import { authorize } from '../../src/middleware/authorization.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { readRequestLine } from '../../src/middleware/request-line.js'
import { quickHash, quickHasher } from '../support/fixed-hasher.js'
import { basic, startServer } from '../support/servers.js'

const TASKS = '/kapacitor/v1/tasks'
const USERS = createListDirectory([
  { name: 'ann', hash: quickHash('apw'), permissions: { '': ['KapacitorAPI'], telegraf: ['WriteData'] } },
  { name: 'weak', hash: quickHash('wpw') },
])
const silent = { info: () => {}, warn: () => {}, error: () => {} }

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const close of closing.splice(0)) await close() })

function authOf(overrides: Record<string, string> = {}, directory: Directory = USERS) {
  const auth = kapacitorAuth(loadConfig({ file: false, env: {}, overrides }), { directory, hasher: quickHasher, logger: silent })
  closing.push(() => auth.close())
  return auth
}

const ask = (user: string, method: string, path: string, auth = authOf()) => explain(auth, { user, method, path })

describe('what a request would be told, and why', () => {
  test.each<[string, string, string, string, Partial<Explanation>, unknown[]]>([
    // says                        user    method    path                                 expected
    ['a user who may',             'ann',  'GET',    TASKS,                               { allowed: true },
      [{ allowed: true, privilege: 'read', resource: '/api/tasks', decidedBy: '/api', held: 'all', sources: [{ permission: 'KapacitorAPI', database: '' }] }]],
    ['a user who may not',         'weak', 'DELETE', `${TASKS}/x`,                        { allowed: false, refusal: `user weak does not have "delete" privilege for API endpoint "${TASKS}/x"` },
      [{ allowed: false, privilege: 'delete', resource: '/api/tasks/x', sources: [] }]],
    ['points for a database',      'ann',  'POST',   '/write?db=telegraf',                { allowed: true },
      [{ resource: '/api/write', allowed: true }, { resource: '/database/telegraf_clean', allowed: true, privilege: 'write', sources: [{ permission: 'WriteData', database: 'telegraf' }] }]],
    ['points for another',         'ann',  'POST',   '/kapacitor/v1/write?db=other',      { allowed: false, refusal: 'user ann does not have "write" privilege for database "other"' },
      [{ resource: '/api/write', allowed: true }, { resource: '/database/other_clean', allowed: false, sources: [] }]],
    ['points for none',            'ann',  'POST',   '/write',                            { allowed: false, refusal: 'user ann does not have "write" privilege for database ""' },
      [{ resource: '/api/write' }, { resource: '/database', allowed: false }]],
    ['points for two',             'ann',  'POST',   '/write?db=telegraf&db=other',       { allowed: false, refusal: 'ambiguous parameter db' },
      [{ resource: '/api/write', allowed: true }]],
    ['reading where it is written', 'ann', 'GET',    '/write?db=other',                   { allowed: false },
      [{ resource: '/api/write', held: 'write' }]],
    ['asking for headers',         'weak', 'HEAD',   TASKS,                               { allowed: true },
      [{ privilege: 'none', allowed: true }]],
    ['an escape',                  'weak', 'GET',    '/kapacitor/v1/%74asks',             { allowed: false, path: '/kapacitor/v1/%74asks' },
      [{ resource: '/api/tasks' }]],
  ])('%s', async (_says, user, method, path, expected, reasons) => {
    const answer = await ask(user, method, path)
    expect(answer).toMatchObject({ user, method, path, ...expected, reasons })
    expect((answer as Explanation).age).toBeGreaterThanOrEqual(0)
    expect(answer).not.toHaveProperty('exemption')
  })

  test.each<[string, string, string, string, string, string]>([
    // says                   user      method      path                  code                   message
    ['an unknown user',       'nobody', 'GET',      TASKS,                'ERR_NOT_FOUND',       'user "nobody" not found'],
    ['a subject',             'oidc:x', 'GET',      TASKS,                'ERR_NOT_FOUND',       'user "oidc:x" not found: explain knows local users only, not subjects and tokens'],
    ['a token',               '_token:1', 'GET',    TASKS,                'ERR_NOT_FOUND',       'user "_token:1" not found: explain knows local users only, not subjects and tokens'],
    ['an unknown method',     'ann',    'get',      TASKS,                'ERR_REQUEST_INVALID', '"method": method not allowed'],
    ['a method of others',    'ann',    'PROPFIND', TASKS,                'ERR_REQUEST_INVALID', '"method": method not allowed'],
    ['a path with dots',      'ann',    'GET',      '/kapacitor/v1/../x', 'ERR_REQUEST_INVALID', '"path": ambiguous request path'],
    ['a whole URL',           'ann',    'GET',      'http://me/x',        'ERR_REQUEST_INVALID', '"path": ambiguous request path'],
  ])('%s is an error', async (_says, user, method, path, code, message) => {
    const answer = await ask(user, method, path)
    expect(answer).toBeInstanceOf(AuthError)
    expect(answer).toMatchObject({ code, message })
  })

  test('a directory out of reach is not an answer', async () => {
    const down: Directory = { find: async () => { throw new AuthError('ERR_META_UNAVAILABLE', 'meta node unavailable') }, checkPassword: async () => false }
    await expect(ask('ann', 'GET', TASKS, authOf({}, down))).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
  })
})

test.each<[string, Record<string, string>, string, string, string, 'open' | 'off' | undefined]>([
  // says                          settings                           user      method  path                    exemption
  ['authentication is off',        { 'http.auth-enabled': 'false' },  'nobody', 'POST', TASKS,                  'off'],
  ['an open endpoint',             { 'http.ping-auth-enabled': 'false' }, 'nobody', 'GET', '/kapacitor/v1/ping', 'open'],
  ['another method there',         { 'http.ping-auth-enabled': 'false' }, 'weak', 'POST', '/kapacitor/v1/ping', undefined],
  ['an endpoint that is not open', { 'http.ping-auth-enabled': 'false' }, 'weak', 'GET', TASKS,               undefined],
])('%s', async (_says, settings, user, method, path, exemption) => {
  const answer = await ask(user, method, path, authOf(settings))
  expect(answer).toMatchObject(exemption ? { allowed: true, exemption, reasons: [] } : { allowed: false, reasons: [{}] })
})

test('it says what the middleware does', async () => {
  const auth = authOf()
  const app = new Koa()
  app.use(auth)
  app.use((ctx) => { ctx.body = { ok: true } })
  const server = await startServer(app.callback())
  closing.push(server.close)
  for (const [user, password] of [['ann', 'apw'], ['weak', 'wpw']] as const) {
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
      for (const path of [TASKS, `${TASKS}/`, '/kapacitor/v1/config', '/kapacitor/v1/ping', '/write?db=telegraf', '/write?db=x', '/other', '/kapacitor/v1/%63onfig']) {
        const answer = await fetch(server.url + path, { method, headers: { authorization: basic(user, password) } })
        const body = await answer.json() as { error?: string }
        const told = await explain(auth, { user, method, path }) as Explanation
        expect([method, path, told.allowed, told.refusal]).toEqual([method, path, answer.status === 200, body.error])
      }
    }
  }
})

test('it never disagrees with authorize', async () => {
  const grants = fc.dictionary(fc.constantFrom('', 'a', 'b'), fc.array(fc.constantFrom<Permission>(...PERMISSIONS), { maxLength: 4 }))
  const path = fc.constantFrom('/write', '/write/', '/kapacitor/v1/write', TASKS, '/kapacitor/v1/config/x', '/kapacitor/v1/users', '/kapacitor/v1/debug/vars', '/api')
  const query = fc.constantFrom('', '?db=a', '?db=b', '?db=', '?db=a&db=a', '?x;db=a', '?db=c&u=x')
  await fc.assert(fc.asyncProperty(grants, fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD'), path, query, async (granted, method, at, asked) => {
    const account = createAccount('ann', '', new Map(Object.entries(granted).map(([scope, names]) => [scope, new Set(names)])))
    const decider = { find: async () => account, age: () => undefined, exemption: () => undefined }
    const target = at + asked
    const line = readRequestLine(method, target)
    if (line instanceof AuthError) throw line
    const refusal = authorize(account.user, method, target, line)
    const told = await explain(decider, { user: 'ann', method, path: target }) as Explanation
    expect([told.allowed, told.refusal]).toEqual([refusal === undefined, refusal?.message])
    if (refusal?.code !== 'ERR_REQUEST_AMBIGUOUS') expect(told.reasons.every((reason) => reason.allowed)).toBe(told.allowed)
  }), { numRuns: 500 })
})
