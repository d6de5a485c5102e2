import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CredentialCache } from '../../../src/authn/cache/credential-cache.js'
import type { ManagedUsers } from '../../../src/gateway/kapacitor/users/managed-users.js'
import { usersApi } from '../../../src/gateway/kapacitor/users/users-api.js'
import { digestOf, newOwnToken } from '../../../src/token/own-token.js'
import { ADMIN_PASSWORD, type Asked, startKapacitorDoor, type TestKapacitorDoor } from '../../support/kapacitor-door.js'
import { startNode } from '../../support/meta-cluster.js'
import { temporaryDirectory } from '../../support/program.js'
import { basic, startServer } from '../../support/servers.js'
import { until } from '../../support/until.js'

const USERS = '/kapacitor/v1/users'
const closing: (() => unknown)[] = []
afterAll(async () => { for (const close of closing.splice(0).reverse()) await close() })

/** What the meta node of each place is given, beside its administrator. */
const OTHERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  boss:    {}, // is made an administrator
  manager: { '': ['KapacitorAPI', 'CreateUserAndRole'] },
  author:  { '': ['KapacitorAPI'] },
  creator: { '': ['CreateUserAndRole'] },
  reader:  { '': ['KapacitorAPI', 'ReadData'] },
  member:  {},
}

async function embedded(overrides: Record<string, unknown>): Promise<TestKapacitorDoor> {
  return startKapacitorDoor(overrides)
}

async function apart(overrides: Record<string, unknown>): Promise<TestKapacitorDoor> {
  const directory = temporaryDirectory()
  const node = await startNode(directory.path)
  closing.push(directory.remove, () => node.close())
  return startKapacitorDoor(overrides, { node })
}

async function open(start: typeof embedded, overrides: Record<string, unknown> = {}): Promise<TestKapacitorDoor> {
  const door = await start({ 'meta.password-min-length': 4, ...overrides })
  closing.push(() => door.close())
  for (const [name, permissions] of Object.entries(OTHERS)) {
    await door.change('/user', { action: 'create', user: { name, password: 'their password' } })
    if (Object.keys(permissions).length > 0) await door.change('/user', { action: 'add-permissions', user: { name, permissions } })
  }
  await door.change('/role', { action: 'create', role: { name: 'configurators' } })
  await door.change('/role', { action: 'add-permissions', role: { name: 'configurators', permissions: { '': ['KapacitorConfigAPI'] } } })
  await door.change('/role', { action: 'add-users', role: { name: 'configurators', users: ['member'] } })
  const made = await door.ask({ method: 'PATCH', path: `${USERS}/boss`, body: { type: 'admin' } })
  expect(JSON.parse(made.text)).toMatchObject({ name: 'boss', type: 'admin', permissions: [] })
  return door
}

const errorIn = (text: string) => (text === '' ? undefined : (JSON.parse(text) as { error?: string }).error)
const as = (name: string) => `${name}:their password`

describe.each([
  ['the embedded meta node', embedded],
  ['a meta node of its own', apart],
])('%s', (_says, start) => {
  let door: TestKapacitorDoor
  beforeAll(async () => { door = await open(start) })

  test.each<[string, Asked, number, string]>([
    // says                                                     asked                                                                                                                  status  error
    ['nobody without credentials',                              { as: '' },                                                                                                            401, 'unable to parse authentication credentials'],
    ['no author of tasks: list',                                { as: as('author') },                                                                                                  403, 'user author does not have "read" privilege for API endpoint "/kapacitor/v1/users"'],
    ['no author of tasks: create',                              { as: as('author'), method: 'POST', body: { name: 'x', password: 'their' } },                                          403, 'user author does not have "write" privilege for API endpoint "/kapacitor/v1/users"'],
    ['no author of tasks: preview',                             { as: as('author'), path: '/kapacitor/v1preview/users' },                                                              403, 'user author does not have "read" privilege for API endpoint "/kapacitor/v1preview/users"'],
    ['not without KapacitorAPI',                                { as: as('creator') },                                                                                                 403, 'user creator does not have "read" privilege for API endpoint "/kapacitor/v1/users"'],
    ['a manager: no administrator',                             { as: as('manager'), method: 'POST', body: { name: 'evil', password: 'their', type: 'admin' } },                       403, 'user manager may not grant ViewAdmin on all databases, which manager does not hold'],
    ['a manager: nothing that they do not hold',                { as: as('manager'), method: 'POST', body: { name: 'evil', password: 'their', permissions: ['api', 'config_api'] } },   403, 'user manager may not grant KapacitorConfigAPI on all databases, which manager does not hold'],
    ['a manager: not for themselves either',                    { as: as('manager'), method: 'PATCH', path: `${USERS}/manager`, body: { type: 'admin' } },                             403, 'user manager may not grant ViewAdmin on all databases, which manager does not hold'],
    ['a manager: no change of an administrator',                { as: as('manager'), method: 'PATCH', path: `${USERS}/boss`, body: { password: 'taken over' } },                       403, 'user manager may not change user "boss", who is an administrator'],
    ['a manager: not to a normal user',                         { as: as('manager'), method: 'PATCH', path: `${USERS}/boss`, body: { type: 'normal' } },                               403, 'user manager may not change user "boss", who is an administrator'],
    ['a manager: not even what would change nothing',           { as: as('manager'), method: 'PATCH', path: `${USERS}/boss`, body: { permissions: ['none'] } },                                        403, 'user manager may not change user "boss", who is an administrator'],
    ['a manager: not what an administrator is already',         { as: as('manager'), method: 'PATCH', path: `${USERS}/boss`, body: { type: 'admin' } },                                                403, 'user manager may not change user "boss", who is an administrator'],
    ['a manager: no deletion of an administrator',              { as: as('manager'), method: 'DELETE', path: `${USERS}/boss` },                                                        403, 'user manager may not change user "boss", who is an administrator'],
    ['a manager: no password of who holds more',                { as: as('manager'), method: 'PATCH', path: `${USERS}/reader`, body: { password: 'taken over' } },                     403, 'user manager may not change the password of user "reader", who holds more than manager: ReadData on all databases'],
    ['a permission that a role grants stays',                   { method: 'PATCH', path: `${USERS}/member`, body: { permissions: [] } },                                               409, 'a role grants the user config_api: change the role'],
    ['a name that is taken',                                    { method: 'POST', body: { name: 'author', password: 'their password', type: 'admin' } },                               409, 'failed to create user: user already exists'],
    ['a short password',                                        { method: 'POST', body: { name: 'x', password: 'abc' } },                                                              400, 'the password is 3 characters long, at least 4 are needed'],
    ['a short password for somebody',                           { method: 'PATCH', path: `${USERS}/author`, body: { password: 'abc' } },                                               400, 'the password is 3 characters long, at least 4 are needed'],
    ['a colon in a name',                                       { method: 'POST', body: { name: '_sub:x', password: 'their' } },                                                       400, 'username must contain only letters, numbers, \'-\', \'.\', \'@\' and \'_\'. "_sub:x"'],
    ['a name that no path can have',                            { method: 'POST', body: { name: '..', password: 'their' } },                                                           400, 'username must not be "..", which no path can name'],
    ['what is not JSON',                                        { method: 'POST', body: '{"name":' },                                                                                  400, 'invalid JSON: line 1, column 9: it ends too early'],
    ['nobody on the path',                                      { path: `${USERS}/` },                                                                                                 400, 'must specify username on path'],
    ['nobody on the path, to change',                           { method: 'PATCH', path: `${USERS}/`, body: {} },                                                                      400, 'must specify username on path'],
    ['somebody unknown',                                        { path: `${USERS}/ghost` },                                                                                            404, 'no user exists'],
    ['somebody unknown, to change',                             { method: 'PATCH', path: `${USERS}/ghost`, body: { password: 'their' } },                                              404, 'no user exists'],
    ['a slash at the end',                                      { path: `${USERS}/author/` },                                                                                          404, 'no user exists'],
    ['a method that Kapacitor has not: POST',                   { method: 'POST', path: `${USERS}/author`, body: {} },                                                                 404, 'Not Found'],
    ['a method that Kapacitor has not: PUT',                    { method: 'PUT', body: {} },                                                                                           404, 'Not Found'],
    ['a method that Kapacitor has not: DELETE of all',          { method: 'DELETE' },                                                                                                  404, 'Not Found'],
    ['a page of another site: create',                          { method: 'POST', headers: { origin: 'http://evil.example' }, body: { name: 'x', password: 'their' } },                403, 'changes are not taken from pages of other sites'],
    ['a page of another site: change',                          { method: 'PATCH', path: `${USERS}/author`, headers: { 'sec-fetch-site': 'cross-site' }, body: { type: 'admin' } },    403, 'changes are not taken from pages of other sites'],
    ['a page of another site: delete',                          { method: 'DELETE', path: `${USERS}/author`, headers: { origin: 'http://evil.example' } },                             403, 'changes are not taken from pages of other sites'],
    ['a field that Kapacitor has not',                          { path: `${USERS}?fields=hash` },                                                                                      400, 'unsupported field "hash"'],
  ])('refuses: %s', async (_says, asked, status, error) => {
    const answer = await door.ask(asked)
    expect([answer.status, errorIn(answer.text)]).toEqual([status, error])
    expect((await door.ask({})).text).not.toContain('evil')
  })

  test('HEAD, which needs no privilege, does not tell who there is', async () => {
    for (const name of ['author', 'ghost']) expect((await door.ask({ as: as('author'), method: 'HEAD', path: `${USERS}/${name}` })).status).toBe(404)
  })

  test('the last administrator stays one', async () => {
    await door.ask({ method: 'PATCH', path: `${USERS}/boss`, body: { type: 'normal' } })
    for (const asked of [{ method: 'PATCH', body: { type: 'normal' } }, { method: 'DELETE' }]) {
      expect((await door.ask({ ...asked, path: `${USERS}/admin` })).status).toBe(409)
    }
    const boss = await door.ask({ method: 'PATCH', path: `${USERS}/boss`, body: { type: 'admin' } })
    expect(JSON.parse(boss.text)).toMatchObject({ type: 'admin' })
  })

  test('a user is created, shown, changed and deleted, and each change counts at once', async () => {
    const tasks = (password: string) => door.ask({ as: `pat:${password}`, path: '/kapacitor/v1/tasks' })
    const created = await door.ask({ as: as('manager'), method: 'POST', body: { name: 'pat', password: 'first', type: 'normal', permissions: ['api'] } })
    const document = '{\n    "link": {\n        "rel": "self",\n        "href": "/kapacitor/v1/users/pat"\n    },\n    "name": "pat",\n    "type": "normal",\n    "permissions": [\n        "api"\n    ]\n}'
    expect([created.status, created.text, created.headers.get('content-type')]).toEqual([200, document, 'application/json; charset=utf-8'])
    expect((await door.ask({ path: `${USERS}/pat` })).text).toBe(document)
    expect((await door.ask({ path: '/kapacitor/v1preview/users/pat' })).text).toBe(document)
    expect((await tasks('first')).status).toBe(200)
    const changed = await door.ask({ method: 'PATCH', path: `${USERS}/pat`, body: { password: 'second', permissions: ['config_api', 'write_points'] } })
    expect(JSON.parse(changed.text)).toMatchObject({ permissions: ['config_api', 'write_points'] })
    expect([(await tasks('first')).status, (await tasks('second')).status]).toEqual([401, 403])
    expect((await door.ask({ as: 'pat:second', method: 'POST', path: '/write?db=x', body: 'm v=1' })).status).toBe(204)
    expect((await door.ask({ method: 'DELETE', path: `${USERS}/pat` })).status).toBe(204)
    expect((await door.ask({ method: 'DELETE', path: `${USERS}/pat` })).status).toBe(204)
    expect((await tasks('second')).status).toBe(401)
  })

  test('a refusal of a part comes before anything is changed', async () => {
    await door.ask({ method: 'POST', body: { name: 'whole', password: 'first', permissions: ['api'] } })
    const refused = await door.ask({ as: as('manager'), method: 'PATCH', path: `${USERS}/whole`, body: { password: 'second', permissions: ['config_api'] } })
    expect(errorIn(refused.text)).toBe('user manager may not grant KapacitorConfigAPI on all databases, which manager does not hold')
    expect((await door.ask({ as: 'whole:first', path: '/kapacitor/v1/tasks' })).status).toBe(200)
    await door.ask({ method: 'DELETE', path: `${USERS}/whole` })
  })

  test('lists by pattern, a page at a time, with the fields that are asked for', async () => {
    const names = async (query: string) => ((JSON.parse((await door.ask({ path: USERS + query })).text) as { users: { name: string }[] }).users).map(({ name }) => name)
    expect(await names('')).toEqual(['admin', 'author', 'boss', 'creator', 'manager', 'member', 'reader'])
    expect(await names('?pattern=*m*')).toEqual(['admin', 'manager', 'member'])
    expect(await names('?offset=1&limit=2')).toEqual(['author', 'boss'])
    expect(await names('?limit=0')).toEqual([])
    expect(await names('?offset=100')).toEqual([])
    expect((await door.ask({ path: `${USERS}?pattern=member&fields=permissions` })).text).toBe('{\n    "users": [\n        {\n            "link": {\n                "rel": "self",\n                "href": "/kapacitor/v1/users/member"\n            },\n            "name": "member",\n            "permissions": [\n                "config_api"\n            ]\n        }\n    ]\n}')
  })

  test('each change leaves a line in the audit log, made or refused, without passwords', async () => {
    await door.ask({ as: as('manager'), method: 'POST', body: { name: 'dan', password: 'the first', permissions: ['api'] } })
    await door.ask({ as: as('author'), method: 'POST', body: { name: 'no-change', password: 'the first' } })
    await door.ask({ as: as('manager'), method: 'POST', body: { name: 'eve', password: 'the first', type: 'admin' } })
    await door.ask({ method: 'PATCH', path: `${USERS}/dan`, body: { password: 'the second', permissions: ['config_api'] } })
    await door.ask({ as: as('manager'), method: 'PATCH', path: `${USERS}/dan`, body: { password: 'the third', type: 'admin' } })
    await door.ask({ method: 'PATCH', path: `${USERS}/gus`, body: { password: 'the second' } })
    await door.ask({ method: 'DELETE', path: `${USERS}/dan` })
    await door.ask({ method: 'DELETE', path: `${USERS}/dan` })
    const lines = () => door.changes().filter(({ name }) => ['dan', 'eve', 'gus', 'no-change'].includes(String(name)))
    await until(() => lines().length >= 9)
    const API = { permissions: { '': ['KapacitorAPI'] } }
    const CONFIG = { permissions: { '': ['KapacitorConfigAPI'] } }
    expect(lines()).toEqual([
      { outcome: 'made',    user: 'manager', change: 'create',             subject: 'user', name: 'dan', after: API },
      { outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING', user: 'manager', change: 'create', subject: 'user', name: 'eve' },
      { outcome: 'made',    user: 'admin',   change: 'remove-permissions', subject: 'user', name: 'dan', before: API, after: { permissions: {} } },
      { outcome: 'made',    user: 'admin',   change: 'change-password',    subject: 'user', name: 'dan' },
      { outcome: 'made',    user: 'admin',   change: 'add-permissions',    subject: 'user', name: 'dan', before: { permissions: {} }, after: CONFIG },
      { outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING', user: 'manager', change: 'change-password', subject: 'user', name: 'dan' },
      { outcome: 'refused', code: 'ERR_NOT_FOUND', user: 'admin', change: 'change-password', subject: 'user', name: 'gus' },
      { outcome: 'made',    user: 'admin',   change: 'delete',             subject: 'user', name: 'dan', before: CONFIG },
      { outcome: 'refused', code: 'ERR_NOT_FOUND', user: 'admin', change: 'delete', subject: 'user', name: 'dan' },
    ])
    expect(JSON.stringify(door.changes())).not.toMatch(/the (?:first|second|third)|\$2[aby]\$/)
  })

  test('Kapacitor gets none of these requests', () => {
    expect(door.reached.filter((request) => request.includes('users'))).toEqual([])
  })
})

test('what was decided before the body came does not count: who loses the right meanwhile changes nobody', async () => {
  const door = await open(embedded)
  const asked = request(door.url + USERS, { method: 'POST', headers: { authorization: basic('manager', 'their password') } })
  asked.flushHeaders()
  await until(() => door.decisions().some(({ user, method, outcome }) => user === 'manager' && method === 'POST' && outcome === 'allowed'))
  await door.change('/user', { action: 'remove-permissions', user: { name: 'manager', permissions: { '': ['CreateUserAndRole'] } } })
  asked.end('{"name":"late","password":"their password"}')
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  expect(answer.resume().statusCode).toBe(403)
  expect((await door.ask({ path: `${USERS}/late` })).status).toBe(404)
})

test('with restrict-user-management = false a manager may change everybody, as in InfluxDB Enterprise', async () => {
  const door = await open(embedded, { 'meta.restrict-user-management': false })
  const { text } = await door.ask({ as: as('manager'), method: 'PATCH', path: `${USERS}/manager`, body: { type: 'admin' } })
  expect(JSON.parse(text)).toMatchObject({ type: 'admin' })
})

test('while authentication is off at this door nobody changes who signs in elsewhere', async () => {
  const door = await startKapacitorDoor({ 'http.auth-enabled': false })
  closing.push(() => door.close())
  for (const asked of [{}, { method: 'POST', body: { name: 'evil', password: 'their', type: 'admin' } }]) {
    expect(await door.ask({ as: '', ...asked })).toMatchObject({ status: 403, text: '{"error":"users cannot be managed here while [http] auth-enabled is false"}' })
  }
  expect(door.reached).toEqual([])
})

test('a meta node that does not let the gateway change users is not a refusal of the caller', async () => {
  const directory = temporaryDirectory()
  const node = await startNode(directory.path)
  closing.push(directory.remove, () => node.close())
  const door = await open(async (overrides) => startKapacitorDoor(overrides, { node }))
  await door.change('/user', { action: 'create', user: { name: 'gateway', password: 'their password' } })
  const weak = await startKapacitorDoor({ 'auth.meta-internal-shared-secret': '', 'auth.meta-username': 'admin', 'auth.meta-password': ADMIN_PASSWORD }, { node })
  closing.push(() => weak.close())
  expect((await weak.ask({})).status).toBe(200)
  await door.change('/user', { action: 'change-password', user: { name: 'admin', password: 'another password' } })
  const answer = await weak.ask({ as: as('boss') })
  expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('error')])
  expect(answer.text).not.toContain('password')
})

test.each([
  ['the embedded meta node', embedded],
  ['a meta node of its own', apart],
])('the tokens of subscriptions of %s are shown by their ids, and an administrator revokes them', async (_says, start) => {
  const door = await open(start)
  const token = 'the-token-of-a-subscription'
  const { id } = await door.registry.createSubscriptionToken({ digest: digestOf(token), database: 'x', policy: 'autogen', name: 'kapacitor' })
  const name = `_sub:${id}`
  const list = JSON.parse((await door.ask({ path: `${USERS}?pattern=_sub:*` })).text)
  expect(list).toEqual({ users: [{ link: { rel: 'self', href: `${USERS}/${name}` }, name, permissions: [], type: 'normal' }] })
  expect(JSON.stringify(list)).not.toContain(token)
  const write = () => door.ask({ as: `~subscriber:${token}`, method: 'POST', path: '/write?db=x&rp=autogen', body: 'm v=1' })
  expect((await write()).status).toBe(204)
  expect((await door.ask({ method: 'PATCH', path: `${USERS}/${name}`, body: { type: 'admin' } })).status).toBe(400)
  expect((await door.ask({ as: as('manager'), method: 'DELETE', path: `${USERS}/${name}` })).status).toBe(403)
  expect((await write()).status).toBe(204)
  expect((await door.ask({ method: 'DELETE', path: `${USERS}/${name}` })).status).toBe(204)
  await until(async () => (await write()).status === 401) // a meta node of its own tells the gateway a moment later
  expect((await door.ask({ path: `${USERS}/${name}` })).status).toBe(404)
  await until(() => door.changes().filter(({ change }) => change === 'revoke').length >= 2)
  expect(door.changes().filter(({ subject }) => subject === 'subscription')).toEqual([
    { outcome: 'refused', code: 'ERR_PRIVILEGE_MISSING', user: 'manager', change: 'revoke', subject: 'subscription', name: id },
    { outcome: 'made', user: 'admin', change: 'revoke', subject: 'subscription', name: id },
  ])
})

test('an own token changes users by what it grants itself, not by what its owner holds', async () => {
  const door = await open(embedded)
  const { token, digest } = newOwnToken()
  const permissions = new Map([['', new Set(['KapacitorAPI', 'CreateUserAndRole'] as const)]])
  const { id } = await door.registry.createToken({ digest, description: '', owner: { kind: 'user', name: 'admin' }, permissions })
  const ask = (asked: Asked) => door.ask({ as: '', headers: { authorization: `Bearer ${token}` }, ...asked })
  const refused = await ask({ method: 'POST', body: { name: 'evil', password: 'their', type: 'admin' } })
  expect(errorIn(refused.text)).toBe(`token _token:${id} may not grant ViewAdmin on all databases, which _token:${id} does not hold`)
  expect((await ask({ method: 'PATCH', path: `${USERS}/admin`, body: { password: 'taken over' } })).status).toBe(403)
  expect((await ask({ method: 'POST', body: { name: 'made', password: 'their', permissions: ['api'] } })).status).toBe(200)
  await until(() => door.changes().some(({ name }) => name === 'made'))
  expect(door.changes().find(({ name }) => name === 'made')).toMatchObject({ outcome: 'made', user: `_token:${id}`, owner: 'admin' })
  await door.registry.revokeToken(id)
  expect((await ask({})).status).toBe(401)
})

test.each([
  // the name of                what is forgotten
  ['ann',                       'ann'],
  ['_sub:0123456789abcdef',     undefined], // shown so; the cache knows it by another key
])('who is deleted is forgotten: %s', async (name, expected) => {
  const forgotten: unknown[] = []
  const user = { name: 'admin', admin: true, privileges: new Map() }
  const account = { user, hash: '', permissions: new Map() }
  const app = new Koa()
  app.use((ctx, next) => {
    ctx.state.user = user
    return next()
  })
  app.use(usersApi({
    users: { remove: async () => {} } as unknown as ManagedUsers,
    login: { cache: { find: async () => ({ account }) } as unknown as CredentialCache, forget: (...given) => void forgotten.push(given) },
    passwordMinLength: 1, isRestricted: true, trustedProxies: [], logger: undefined, onChange: () => {},
  }))
  const server = await startServer(app.callback())
  const answer = await fetch(`${server.url}${USERS}/${name}`, { method: 'DELETE' })
  await server.close()
  expect([answer.status, forgotten]).toEqual([204, [[expected]]])
})

test('a change that waits for its turn is made by who the caller is then: a right that is lost meanwhile is lost for it', async () => {
  const admin = { name: 'admin', admin: true, privileges: new Map() }
  let account: object = { user: admin, hash: '', permissions: new Map() }
  const made: string[] = []
  let release = () => {}
  const held = new Promise<void>((resolve) => { release = resolve })
  const users = {
    async create({ name }: { name: string }) { made.push(name); await held },
    find: async (name: string) => ({ name, own: new Map(), byRoles: new Map() }),
  } as unknown as ManagedUsers
  const app = new Koa()
  app.use((ctx, next) => {
    ctx.state.user = admin
    return next()
  })
  let finds = 0
  const cache = { find: async () => { finds++; return { account } } } as unknown as CredentialCache
  app.use(usersApi({ users, login: { cache, forget: () => {} }, passwordMinLength: 1, isRestricted: true, trustedProxies: [], logger: undefined, onChange: () => {} }))
  const server = await startServer(app.callback())
  const answers = Array.from({ length: 6 }, (_, i) => fetch(server.url + USERS, { method: 'POST', body: `{"name":"u${i}","password":"pw"}` }))
  await until(() => made.length === 4 && finds === 10) // two wait
  account = { user: { ...admin, admin: false }, hash: '', permissions: new Map() }
  release()
  const statuses = (await Promise.all(answers)).map(({ status }) => status).sort()
  await server.close()
  expect([statuses, made.length]).toEqual([[200, 200, 200, 200, 403, 403], 4])
})
