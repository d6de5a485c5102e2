import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { type Serving, serve } from '../../src/serve/serve.js'
import { createNodeToken } from '../../src/token/node-token.js'
import { temporaryDirectory } from '../support/program.js'
import { basic } from '../support/servers.js'
import { until } from '../support/until.js'

type Line = Record<string, unknown>

const directory = temporaryDirectory()
const AUDIT = join(directory.path, 'audit.log')
const ACCESS = join(directory.path, 'access.log')
const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const PASSWORD = 'the admin password'
const ADMIN = basic('admin', PASSWORD)
const SECRET = 'internal secret of at least 32 bytes'
const NEW_SECRETS = ['pw-of-ann-0', 'pw-of-ann-1', 'pw-of-keeper', 'wrong-guess']

let serving: Serving
let mark = 0

async function start(more: Record<string, string> = {}): Promise<Serving> {
  return serve(loadConfig({ file: false, env: {}, overrides: {
    'http.bind-address': '127.0.0.1:0', 'http.access-log-path': ACCESS, 'meta.http-bind-address': '127.0.0.1:0', 'meta.dir': join(directory.path, 'meta'),
    'meta.bcrypt-cost': '4', 'meta.admin-password': PASSWORD, 'meta.internal-shared-secret': SECRET, 'admin.bind-address': '127.0.0.1:0',
    'sample.dir': join(directory.path, 'sample'), 'auth.wrong-password-interval': '1h', 'audit.enabled': 'true', 'audit.path': AUDIT, ...more,
  } }), quiet)
}

const linesOf = (file: string): Line[] => readFileSync(file, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line))
const audited = () => linesOf(AUDIT).slice(mark).filter((line) => line.door !== 'kapacitor')
const url = () => serving.metaNode?.listening.url ?? ''

interface Asked { path?: string; method?: string; body?: unknown; authorization?: string | undefined }

/** One request, and the lines that it leaves in the audit log, without what is the same in all. */
async function ask({ path = '/user', method, body, authorization = ADMIN }: Asked, count: number): Promise<{ status: number; lines: Line[] }> {
  const answer = await fetch(url() + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'), headers: { ...(authorization && { authorization }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  await answer.text()
  const id = answer.headers.get('request-id')
  const own = () => linesOf(AUDIT).filter(({ requestId }) => requestId === id)
  await until(() => own().length >= count)
  const lines = own().map(({ time, client, requestId, door, ...line }) => {
    expect([client, door]).toEqual(['127.0.0.1', 'meta'])
    expect(time).toMatch(/^\d{4}-.*Z$/)
    return line
  })
  return { status: answer.status, lines }
}

beforeAll(async () => {
  serving = await start()
})
beforeEach(() => {
  mark = linesOf(AUDIT).length
})
afterAll(async () => {
  await serving.close()
  directory.remove()
})

const user = (action: string, fields: object) => ({ path: '/user', body: { action, user: fields } })
const role = (action: string, fields: object) => ({ path: '/role', body: { action, role: fields } })

test('B1: the first administrator leaves a line', async () => {
  await until(() => linesOf(AUDIT).length > 0)
  const first = linesOf(AUDIT)[0]
  expect(first).toMatchObject({ event: 'change', outcome: 'made', via: 'first-start', change: 'create', subject: 'user', name: 'admin' })
  expect(first).toMatchObject({ after: { permissions: { '': expect.arrayContaining(['CreateUserAndRole', 'CopyShard']) } } })
})

describe('B1: a sign-in at the meta node leaves a line', () => {
  test.each<[string, Asked, number, Line]>([
    // says                     request                                                         status  line
    ['the right password',      {},                                                             200,    { outcome: 'allowed', user: 'admin', path: '/user' }],
    ['a wrong password',        { authorization: basic('admin', 'wrong-guess') },               401,    { outcome: 'refused', code: 'ERR_CREDENTIALS_REJECTED', claimed: 'admin' }],
    ['an unknown name',         { authorization: basic('nobody', 'wrong-guess') },              401,    { outcome: 'refused', code: 'ERR_CREDENTIALS_REJECTED', claimed: 'nobody' }],
    ['nobody',                  { authorization: '' },                                          401,    { outcome: 'refused', code: 'ERR_CREDENTIALS_MISSING', via: 'none' }],
    ['in the query',            { authorization: '', path: '/user?u=admin&p=wrong-guess' },     401,    { outcome: 'refused', code: 'ERR_CREDENTIALS_REJECTED', claimed: 'admin', path: '/user' }],
    ['a bad token',             { authorization: 'Bearer a.b.c' },                              401,    { outcome: 'refused', code: 'ERR_TOKEN_INVALID' }],
    ['to change, wrongly',      { ...user('delete', { name: 'admin' }), authorization: basic('admin', 'wrong-guess') }, 401, { outcome: 'refused', code: 'ERR_CREDENTIALS_REJECTED', claimed: 'admin', method: 'POST' }],
    ['a body with a mistake',   { path: '/user', body: '{' },                                   400,    { outcome: 'refused', code: 'ERR_REQUEST_INVALID', user: 'admin' }],
    ['from another site',       { path: '/user', body: '{}', authorization: ADMIN },            400,    { outcome: 'refused', user: 'admin' }],
    ['to see the cluster',      { path: '/status' },                                            200,    { outcome: 'allowed', user: 'admin', path: '/status' }],
    ['to ask for a password',   { path: `/authorized?name=admin&password=wrong-guess&permission=NoPermissions` }, 401, { outcome: 'allowed', user: 'admin', path: '/authorized' }],
    ['without any, to ping',    { path: '/ping', authorization: '' },                           200,    { outcome: 'allowed', via: 'open', path: '/ping' }],
    ['where nothing is',        { path: '/nothing', authorization: '' },                        404,    { outcome: 'refused', code: 'ERR_NOT_FOUND', via: 'none' }],
    ['by a wrong method',       { path: '/user', method: 'DELETE', authorization: '' },         405,    { outcome: 'refused', code: 'ERR_METHOD_UNKNOWN', method: 'DELETE' }],
  ])('%s', async (_says, request, status, line) => {
    const asked = await ask(request, 1)
    expect(asked.status).toBe(status)
    expect(asked.lines).toEqual([expect.objectContaining({ event: 'decision', ...line })])
    expect(asked.lines[0]).not.toHaveProperty('age')
  })

  test('another node is one, not a user', async () => {
    const authorization = `Bearer ${await createNodeToken(SECRET)()}`
    const { lines } = await ask({ authorization }, 1)
    expect(lines).toEqual([{ event: 'decision', outcome: 'allowed', via: 'node', method: 'GET', path: '/user' }])
  })

  test('what is not a request, too', async () => {
    mark = linesOf(AUDIT).length
    const socket = connect(Number(new URL(url()).port), '127.0.0.1')
    socket.end('rubbish\r\n\r\n')
    await until(() => audited().length > 0)
    socket.destroy()
    expect(audited()).toEqual([expect.objectContaining({ event: 'decision', outcome: 'refused', code: 'ERR_METHOD_UNKNOWN', client: '127.0.0.1', door: 'meta', via: 'none' })])
  })
})

describe('B1: a change leaves a line: who, what, whom, before and after', () => {
  const by = { event: 'change', user: 'admin' }
  const READ = { '': ['Monitor'], telegraf: ['ReadData'] }

  test.each<[string, Asked, number, Line]>([
    // says                     request                                                                    status  line
    ['a new user',              user('create', { name: 'ann', password: 'pw-of-ann-0' }),                  200,    { outcome: 'made', change: 'create', subject: 'user', name: 'ann', after: { permissions: {} } }],
    ['the same again',          user('create', { name: 'ann', password: 'pw-of-ann-0' }),                  200,    { outcome: 'unchanged', change: 'create', subject: 'user', name: 'ann' }],
    ['another of that name',    user('create', { name: 'ann', password: 'wrong-guess' }),                  409,    { outcome: 'refused', code: 'ERR_CONFLICT', change: 'create', subject: 'user', name: 'ann' }],
    ['a password',              user('change-password', { name: 'ann', password: 'pw-of-ann-1' }),         200,    { outcome: 'made', change: 'change-password', subject: 'user', name: 'ann' }],
    ['permissions',             user('add-permissions', { name: 'ann', permissions: READ }),               200,    { outcome: 'made', change: 'add-permissions', subject: 'user', name: 'ann', before: { permissions: {} }, after: { permissions: READ } }],
    ['the same permissions',    user('add-permissions', { name: 'ann', permissions: READ }),               200,    { outcome: 'unchanged', change: 'add-permissions', subject: 'user', name: 'ann' }],
    ['fewer permissions',       user('remove-permissions', { name: 'ann', permissions: { '': ['Monitor'] } }), 200, { outcome: 'made', change: 'remove-permissions', subject: 'user', name: 'ann', before: { permissions: READ }, after: { permissions: { telegraf: ['ReadData'] } } }],
    ['of nobody',               user('delete', { name: 'nobody' }),                                        404,    { outcome: 'refused', code: 'ERR_NOT_FOUND', change: 'delete', subject: 'user', name: 'nobody' }],
    ['the last administrator',  user('delete', { name: 'admin' }),                                         409,    { outcome: 'refused', code: 'ERR_CONFLICT', change: 'delete', subject: 'user', name: 'admin' }],
    ['a new role',              role('create', { name: 'ops' }),                                           200,    { outcome: 'made', change: 'create', subject: 'role', name: 'ops', after: { permissions: {} } }],
    ['its permissions',         role('add-permissions', { name: 'ops', permissions: { '': ['Monitor'] } }), 200,   { outcome: 'made', change: 'add-permissions', subject: 'role', name: 'ops', before: { permissions: {} }, after: { permissions: { '': ['Monitor'] } } }],
    ['members',                 role('add-users', { name: 'ops', users: ['ann', 'admin'] }),               200,    { outcome: 'made', change: 'add-users', subject: 'role', name: 'ops', users: ['ann', 'admin'] }],
    ['one of them',             role('remove-users', { name: 'ops', users: ['admin', 'nobody'] }),         200,    { outcome: 'made', change: 'remove-users', subject: 'role', name: 'ops', users: ['admin'] }],
    ['who is in it already',    role('add-users', { name: 'ops', users: ['ann'] }),                        200,    { outcome: 'unchanged', change: 'add-users', subject: 'role', name: 'ops' }],
    ['another name',            role('change-name', { name: 'ops', newName: 'sre' }),                      200,    { outcome: 'made', change: 'change-name', subject: 'role', name: 'ops', before: { name: 'ops' }, after: { name: 'sre' } }],
    ['a role away',             role('delete', { name: 'sre' }),                                           200,    { outcome: 'made', change: 'delete', subject: 'role', name: 'sre', before: { permissions: { '': ['Monitor'] } } }],
    ['a user away',             user('delete', { name: 'ann' }),                                           200,    { outcome: 'made', change: 'delete', subject: 'user', name: 'ann', before: { permissions: { telegraf: ['ReadData'] } } }],
  ])('%s', async (_says, request, status, line) => {
    const { status: given, lines } = await ask(request, 2)
    expect(given).toBe(status)
    expect(lines[0]).toMatchObject({ event: 'decision', outcome: 'allowed', user: 'admin', method: 'POST', path: request.path })
    expect(lines.slice(1)).toEqual([{ ...by, via: lines[0]?.via, ...line }])
  })

  test('D9: refused to who manages users, and tries for more', async () => {
    await ask(user('create', { name: 'keeper', password: 'pw-of-keeper' }), 2)
    await ask(user('add-permissions', { name: 'keeper', permissions: { '': ['CreateUserAndRole'] } }), 2)
    const { status, lines } = await ask({ ...user('change-password', { name: 'admin', password: 'wrong-guess' }), authorization: basic('keeper', 'pw-of-keeper') }, 2)
    expect(status).toBe(403)
    expect(lines[1]).toEqual({ event: 'change', outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING', via: 'verified', user: 'keeper', change: 'change-password', subject: 'user', name: 'admin' })
  })

  test('they are counted, by door', async () => {
    const metrics = await (await fetch(`${serving.admin?.url}/metrics`)).text()
    expect(metrics).toContain('kapacitor_auth_changes_total{door="meta",outcome="made",subject="user",change="change-password"} 1\n')
    expect(metrics).toContain('kapacitor_auth_changes_total{door="none",outcome="made",subject="user",change="create"} 1\n')
    expect(metrics.match(/^# TYPE kapacitor_auth_requests_total counter$/gm)).toHaveLength(1)
  })
})

test('B1: the access log has the meta node\u2019s requests', async () => {
  await ask({ path: '/ldap/v1/config?q=x' }, 1)
  await until(() => linesOf(ACCESS).some(({ path }) => path === '/ldap/v1/config'))
  const line = linesOf(ACCESS).find(({ path }) => path === '/ldap/v1/config')
  expect(line).toMatchObject({ client: '127.0.0.1', door: 'meta', user: 'admin', method: 'GET', status: 200, complete: true })
})

test('B1: SIGHUP opens them again: what is renamed is written no more', async () => {
  await serving.metaNode?.reopen(loadConfig({ file: false, env: {}, overrides: { 'audit.enabled': 'false', 'http.log-enabled': 'false' } }))
  await (await fetch(`${url()}/user`, { headers: { authorization: ADMIN } })).text()
  await serving.metaNode?.reopen(loadConfig({ file: false, env: {}, overrides: { 'audit.enabled': 'true', 'audit.path': AUDIT, 'http.log-enabled': 'false' } }))
  const { lines } = await ask({ path: '/status' }, 1)
  expect(lines.map(({ path }) => path)).toEqual(['/status'])
})

test('B1: 60 wrong passwords are 60 lines, and counted', async () => {
  for (let i = 0; i < 60; i++) await (await fetch(`${url()}/user`, { headers: { authorization: basic('admin', 'wrong-guess') } })).text()
  await until(() => audited().length >= 60)
  const refused = audited().filter(({ outcome }) => outcome === 'refused')
  expect(refused.length).toBe(60)
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['ERR_CREDENTIALS_REJECTED', 'ERR_TOO_MANY_ATTEMPTS']))
  const metrics = await (await fetch(`${serving.admin?.url}/metrics`)).text()
  expect(metrics).toMatch(/^kapacitor_auth_requests_total\{door="meta",outcome="refused",code="ERR_TOO_MANY_ATTEMPTS",via="none"\} \d+$/m)
})

test('no secret is in any line', () => {
  const all = readFileSync(AUDIT, 'utf8') + readFileSync(ACCESS, 'utf8')
  expect(linesOf(AUDIT).length).toBeGreaterThan(100)
  for (const secret of [PASSWORD, ...NEW_SECRETS, SECRET, '$2', 'Basic', 'a.b.c']) expect(all).not.toContain(secret)
})
