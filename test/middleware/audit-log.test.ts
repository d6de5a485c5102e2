import fc from 'fast-check'
import Koa from 'koa'
import { afterEach, describe, expect, test } from 'vitest'
import type { Authenticator } from '../../src/authn/authenticator.js'
import { rejected } from '../../src/authn/credentials.js'
import { apiAction } from '../../src/authz/action.js'
import { canonicalPath } from '../../src/authz/canonical-path.js'
import { READ, WRITE } from '../../src/authz/privilege.js'
import { loadConfig } from '../../src/config/load-config.js'
import { AuthError, type RefusedToken } from '../../src/errors.js'
import type { AuditLogOptions } from '../../src/middleware/audit-line.js'
import { auditLog } from '../../src/middleware/audit-log.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { requestId } from '../../src/middleware/request-id.js'
import { basic, startServer, type TestServer } from '../support/servers.js'

const PASSWORD = 'p4ss-w0rd'
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+\n$/u
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const user = Object.freeze({ name: 'ann', admin: false, privileges: new Map([['/api/tasks', READ]]) })

const own = (digit: string) => `kapa1_${digit.repeat(64)}`
const refusedToken = (token?: RefusedToken) => new AuthError('ERR_TOKEN_INVALID', 'no', { token })
const REFUSED_TOKENS: Record<string, AuthError> = {
  [own('0')]: refusedToken({ id: 'f00d', reason: 'revoked' }),
  [own('1')]: refusedToken({ reason: 'unknown' }),
  [own('2')]: refusedToken({ reason: 'expired' }),
  [own('3')]: refusedToken(),
}

const authenticator: Authenticator = {
  authenticate: (credentials) => {
    if (credentials.kind === 'token') return REFUSED_TOKENS[credentials.token] ?? rejected()
    if (credentials.kind === 'bearer') return new AuthError('ERR_TOKEN_INVALID', 'no')
    if (credentials.kind !== 'password' || credentials.password !== PASSWORD) return rejected()
    return [user, writer].find(({ name }) => name === credentials.name) ?? rejected()
  },
  forget: () => {},
  age: () => 1234.6,
}

const lines: string[] = []
let server: TestServer | undefined
afterEach(async () => {
  await server?.close()
  lines.length = 0
})

async function start(options: AuditLogOptions = {}, env: Record<string, string> = {}): Promise<TestServer> {
  const app = new Koa()
  const config = loadConfig({ file: false, env: { KAPACITOR_AUTH_META_ADDR: '127.0.0.1:1', ...env } })
  app.use(requestId(options))
  app.use(kapacitorAuth(config, { authenticator, onDecision: auditLog((line) => lines.push(line), { now: () => NOW, ...options }), logger: { info() {}, warn() {}, error() {} } }))
  app.use((ctx) => { ctx.body = ctx.state.requestId ?? '' })
  server = await startServer(app.callback())
  return server
}

const ask = async (path: string, authorization?: string, init: RequestInit = {}) =>
  (await fetch(`${server?.url}${path}`, { ...init, headers: { ...init.headers as Record<string, string>, ...(authorization && { authorization }) } })).headers.get('x-request-id')

test('who was let in, to what, and on what it rests', async () => {
  await start()
  const id = await ask('/kapacitor/v1/tasks/x?fields=a', basic('ann', PASSWORD))
  expect(lines).toEqual([
    `{"time":"2026-01-02T03:04:05.678Z","event":"decision","outcome":"allowed","client":"127.0.0.1","requestId":"${id}","door":"kapacitor","via":"remembered","user":"ann","method":"GET","path":"/kapacitor/v1/tasks/x","action":"read","resource":"/api/tasks/x","age":1235}\n`,
  ])
})

test.each<[string, string, string | undefined, string, object]>([
  // says                      method    authorization               path                        line
  ['nobody',                   'GET',    undefined,                  '/kapacitor/v1/tasks',      { outcome: 'refused', code: 'ERR_CREDENTIALS_MISSING', via: 'none' }],
  ['a wrong password',         'GET',    basic('ann', 'guess'),      '/kapacitor/v1/tasks',      { outcome: 'refused', code: 'ERR_CREDENTIALS_REJECTED', claimed: 'ann' }],
  ['an unknown name',          'GET',    basic('bob', PASSWORD),     '/kapacitor/v1/tasks',      { outcome: 'refused', code: 'ERR_CREDENTIALS_REJECTED', claimed: 'bob' }],
  ['in the query',             'GET',    undefined,                  '/ping?u=bob&p=guess',      { outcome: 'refused', code: 'ERR_CREDENTIALS_REJECTED', claimed: 'bob', path: '/ping' }],
  ['a bad token',              'GET',    'Bearer a.b.c',             '/kapacitor/v1/tasks',      { outcome: 'refused', code: 'ERR_TOKEN_INVALID' }],
  ['no privilege',             'DELETE', basic('ann', PASSWORD),     '/kapacitor/v1/tasks/x',    { outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING', user: 'ann', action: 'delete', resource: '/api/tasks/x', age: 1235 }],
  ['an ambiguous path',        'GET',    basic('ann', PASSWORD),     '/a%2fb?u=1&p=2',           { outcome: 'refused', code: 'ERR_REQUEST_AMBIGUOUS', path: '/a%2fb' }],
])('who was refused: %s', async (_says, method, authorization, path, line) => {
  await start()
  await ask(path, authorization, { method })
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'decision', client: '127.0.0.1', method, ...line })
  expect(lines[0]).not.toMatch(/guess|p4ss|"p=|a\.b\.c/)
})

test.each<[string, string, string]>([
  // says                          authorization                    what is said of it
  ['one that was revoked',         `Bearer ${own('0')}`,            ',"token":"f00d","reason":"revoked"'],
  ['with any name',                basic('grafana', own('0')),      ',"claimed":"grafana","token":"f00d","reason":"revoked"'],
  ['one that nobody made',         `Token ${own('1')}`,             ',"reason":"unknown"'],
  ['one whose id is not known',    `Token ${own('2')}`,             ',"reason":"expired"'],
  ['one of which nothing is said', `Token ${own('3')}`,             ''],
])('an own token that is refused: %s', async (_says, authorization, says) => {
  await start()
  const id = await ask('/kapacitor/v1/tasks', authorization)
  expect(lines).toEqual([
    `{"time":"2026-01-02T03:04:05.678Z","event":"decision","outcome":"refused","code":"ERR_TOKEN_INVALID","client":"127.0.0.1","requestId":"${id}","door":"kapacitor","via":"none"${says},"method":"GET","path":"/kapacitor/v1/tasks","action":"read","resource":"/api/tasks"}\n`,
  ])
})

const writer = Object.freeze({ name: 'wes', admin: false, privileges: new Map([['/api/write', WRITE], ['/database/telegraf_clean', WRITE]]) })

test.each<[string, string, string, object]>([
  // says                              user      target                        line
  ['to a database that is not theirs', 'wes',    '/write?db=secret',           { outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING', action: 'write', resource: '/database/secret_clean', databases: ['secret'] }],
  ['to one that is',                   'wes',    '/write?db=telegraf',         { outcome: 'allowed', action: 'write', resource: '/api/write', databases: ['telegraf'] }],
  ['below Kapacitor\'s path',          'wes',    '/kapacitor/v1/write?db=secret', { outcome: 'refused', resource: '/database/secret_clean', databases: ['secret'] }],
  ['by whom may write nowhere',        'ann',    '/write?db=secret',           { outcome: 'refused', action: 'write', resource: '/api/write', databases: ['secret'] }],
  ['without a database',               'wes',    '/write',                     { outcome: 'refused', databases: undefined }],
  ['to a strange one',                 'wes',    '/write?db=a%0A%22b%22',      { outcome: 'refused', databases: ['a\n"b"'] }],
  ['to two',                           'wes',    '/write?db=telegraf&db=x',    { outcome: 'refused', code: 'ERR_REQUEST_AMBIGUOUS', resource: '/api/write', databases: ['telegraf', 'x'] }],
  ['with wrong credentials',           'bob',    '/write?db=secret',           { outcome: 'refused', code: 'ERR_CREDENTIALS_REJECTED', resource: '/api/write', databases: undefined }],
])('B2: points written %s: the line names the resource that refused, and the database', async (_says, name, target, line) => {
  await start()
  await ask(target, basic(name, PASSWORD), { method: 'POST' })
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(PRINTABLE)
  const { databases, ...rest } = JSON.parse(lines[0] ?? '')
  expect({ databases, ...rest }).toMatchObject(line)
})

test('B2: what writes no points names no database', async () => {
  await start()
  await ask('/kapacitor/v1/tasks?db=secret', basic('ann', PASSWORD))
  expect(JSON.parse(lines[0] ?? '')).not.toHaveProperty('databases')
})

test('a user who was found has no claim beside it, and a claim is not a user', async () => {
  await start()
  await ask('/kapacitor/v1/tasks', basic('ann', PASSWORD))
  await ask('/kapacitor/v1/tasks', basic('ann', 'guess'))
  expect(lines.map((line) => [JSON.parse(line).user, JSON.parse(line).claimed])).toEqual([['ann', undefined], [undefined, 'ann']])
})

test('endpoints without authentication, and a server without any, say so', async () => {
  await start({}, { KAPACITOR_HTTP_PING_AUTH_ENABLED: 'false' })
  await ask('/ping')
  await server?.close()
  await start({}, { KAPACITOR_HTTP_AUTH_ENABLED: 'false', KAPACITOR_AUTH_META_ADDR: '' })
  await ask('/kapacitor/v1/tasks')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ outcome: 'allowed', via: 'open' }, { outcome: 'allowed', via: 'off' }])
})

test('the client is whom a trusted proxy vouches for; the proxy itself never is', async () => {
  await start({ trustedProxies: ['127.0.0.1'] })
  await ask('/ping', undefined, { headers: { 'X-Forwarded-For': '198.51.100.9, 203.0.113.5' } })
  await ask('/ping')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ client: '203.0.113.5', proxy: '127.0.0.1' }, { proxy: '127.0.0.1' }])
  expect(JSON.parse(lines[1] ?? '')).not.toHaveProperty('client')
})

describe('what anybody can choose', () => {
  const STRANGE = ['\n', '\r\n', '\0', '\x1b[2J', '\x7f', '\x9b31m', '\u2028', '\u2029', '\u202e', '\u2066', '\u200f', '\ufeff', '"', '\\', '\\"', '","outcome":"allowed', '\u{e0041}', 'ä', '🦊', '\ud800']

  test.each(STRANGE.map((text) => [JSON.stringify(text), text]))('stays one line of printable text in a name: %s', async (_says, text) => {
    await start()
    const name = `a${text}b`.replaceAll(':', '') // a colon ends it
    await ask('/kapacitor/v1/tasks', basic(name, 'guess'))
    const [line = ''] = lines
    expect(line).toMatch(PRINTABLE)
    // A name that is not allowed at all is not a claim
    const { claimed } = JSON.parse(line)
    if (claimed !== undefined) expect(claimed).toBe(Buffer.from(name).toString())
    expect(JSON.parse(line).outcome).toBe('refused')
  })

  const write: string[] = []
  const listener = auditLog((line) => write.push(line), { now: () => NOW })
  const line = (name: string, url: string): string => {
    write.length = 0
    const ctx = { req: { method: 'GET', url, rawHeaders: [], socket: { remoteAddress: '192.0.2.1' } }, state: {} }
    listener(ctx as unknown as Parameters<typeof listener>[0], {
      door: 'kapacitor',
      outcome: 'refused', code: 'ERR_CREDENTIALS_REJECTED', via: 'none', user: undefined, claimed: name, age: undefined,
      action: apiAction(READ, canonicalPath(url) ?? ''),
    })
    return write.join('')
  }

  test('never changes what comes before it, and is read back as it was', () => {
    const head = '{"time":"2026-01-02T03:04:05.678Z","event":"decision","outcome":"refused","code":"ERR_CREDENTIALS_REJECTED","client":"192.0.2.1","door":"kapacitor","via":"none"'
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.array(fc.constantFrom(...STRANGE), { maxLength: 6 }).map((parts) => parts.join('')))
    fc.assert(fc.property(text, text, (name, path) => {
      const written = line(name, `/${path}`)
      expect(written.startsWith(head)).toBe(true)
      expect(written).toMatch(PRINTABLE)
      expect(JSON.parse(written).claimed ?? '').toBe(name)
    }), { numRuns: 3_000 })
  })

  test('is cut, and the cut can be told', () => {
    const exact = JSON.parse(line('n'.repeat(256), `/${'p'.repeat(255)}`))
    expect([exact.claimed, exact.path]).toEqual(['n'.repeat(256), `/${'p'.repeat(255)}`])
    const long = JSON.parse(line('n'.repeat(10_000), `/${'p'.repeat(10_000)}`))
    expect([long.claimed, long.path]).toEqual([`${'n'.repeat(256)}…`, `/${'p'.repeat(255)}…`])
    expect(line('\u202e'.repeat(10_000), `/${'\x9b'.repeat(10_000)}`).length).toBeLessThan(6_000)
  })

  test.each([
    // says                                   target
    ['a query in the path',                   '/tasks%3Fu=ann&p=hunter2'],
    ['a whole one',                           '/tasks%3fu%3Dann%26p%3Dhunter2'],
    ['escaped twice',                         '/tasks%253Fu=ann&p=hunter2'],
    ['in a path that is refused',             '//tasks%3Fp=hunter2'],
    ['before a host',                         'http://ann:hunter2@host/'],
    ['in the query',                          '/tasks?p=hunter2'],
  ])('has no password that is out of place: %s', (_says, target) => {
    expect(line('ann', target)).not.toContain('hunter2')
  })
})
