import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createBcryptPool } from '../../src/authn/passwords/bcrypt-pool.js'
import { hashWork } from '../../src/authn/passwords/password-hash.js'
import { CLUSTER, PERMISSIONS, type Permission, type Permissions } from '../../src/authz/permission.js'
import { AuthError } from '../../src/errors.js'
import type { Caller } from '../../src/meta-node/access.js'
import type { MetaNodeOptions } from '../../src/meta-node/meta-node.js'
import type { ChangeReport } from '../../src/registry/changes/change-report.js'
import { ADMIN_PERMISSIONS } from '../../src/registry/first-admin.js'
import { startNode } from '../registry/node-bench.js'

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/
const cluster = (...names: Permission[]): Permissions => new Map([[CLUSTER, new Set(names)]])
const asUser = (name: string, permissions: Permissions = new Map()): Caller => ({ kind: 'user', name, permissions })
const user = (action: string, fields: object) => ({ action, user: fields })
const role = (action: string, fields: object) => ({ action, role: fields })

/** What the meta API's documents may hold. */
interface Document {
  users: { name: string; hash: string; permissions?: Record<string, string[]> }[]
  roles: { name: string; permissions?: Record<string, string[]>; users?: string[] }[]
}
const read = async (answer: Promise<Response>) => (await (await answer).json()) as Document

test('users in the order of their creation, when asked for; of their names otherwise', async () => {
  const { get, post } = await startNode()
  for (const name of ['zoe', 'bob', 'ann']) await post('/user', user('create', { name, password: 'pa5sw0Rd' }))
  const names = async (query: string) => (await read(get(`/user${query}`))).users.map(({ name }) => name)
  expect(await names('?order=created')).toEqual(['zoe', 'bob', 'ann'])
  expect([await names(''), await names('?order=name')]).toEqual([['ann', 'bob', 'zoe'], ['ann', 'bob', 'zoe']])
})

test('the documents, line by line', async () => {
  const { get, post, logged } = await startNode()
  const json = (path: string) => read(get(path))
  const done = async (path: string, body: unknown) => expect((await post(path, body)).status).toBe(200)

  expect(await json('/user')).toEqual({})
  expect(await json('/role')).toEqual({})
  await done('/user', user('create', { name: 'johndoe', password: 'pa5sw0Rd' }))
  expect(await json('/user?name=johndoe')).toEqual({ users: [{ name: 'johndoe', hash: expect.stringMatching(/^\$2[ab]\$04\$.{53}$/) }] })
  await done('/user', user('add-permissions', { name: 'johndoe', permissions: { '': ['KapacitorConfigAPI', 'KapacitorAPI'] } }))
  await done('/user', user('add-permissions', { name: 'johndoe', permissions: { telegraf: ['ReadData'] } }))
  expect((await json('/user')).users).toEqual([
    { name: 'johndoe', hash: expect.any(String), permissions: { '': ['KapacitorAPI', 'KapacitorConfigAPI'], telegraf: ['ReadData'] } },
  ])
  await done('/role', role('create', { name: 'kapacitor' }))
  expect(await json('/role')).toEqual({ roles: [{ name: 'kapacitor' }] })
  await done('/role', role('add-permissions', { name: 'kapacitor', permissions: { '': ['KapacitorAPI'] } }))
  await done('/role', role('create', { name: 'example-role' }))
  await done('/role', role('add-users', { name: 'example-role', users: ['johndoe'] }))
  expect(await json('/role')).toEqual({ roles: [
    { name: 'example-role', users: ['johndoe'] }, { name: 'kapacitor', permissions: { '': ['KapacitorAPI'] } },
  ] })
  await done('/role', role('change-name', { name: 'example-role', newName: 'viewers' }))
  expect(await json('/role?name=viewers')).toEqual({ roles: [{ name: 'viewers', users: ['johndoe'] }] })
  await done('/user', user('remove-permissions', { name: 'johndoe', permissions: { '': ['KapacitorConfigAPI', 'KapacitorAPI'], telegraf: null } }))
  expect((await json('/user')).users[0]?.permissions).toEqual({ telegraf: ['ReadData'] })
  await done('/role', role('remove-users', { name: 'viewers', users: ['johndoe'] }))
  await done('/role', role('remove-permissions', { name: 'kapacitor', permissions: { '': ['KapacitorAPI'] } }))
  expect(await json('/role')).toEqual({ roles: [{ name: 'kapacitor' }, { name: 'viewers' }] })
  await done('/role', role('delete', { name: 'kapacitor' }))
  await done('/role', role('delete', { name: 'viewers' }))
  await done('/user', user('delete', { name: 'johndoe' }))
  expect(await json('/user')).toEqual({})
  expect(await json('/role')).toEqual({})
  expect(logged).toEqual([])
})

describe('every answer', () => {
  test.each<[string, string, RequestInit, number, unknown]>([
    ['to a list',                        '/user',                     {},                                                    200, {}],
    ['to a ping',                        '/ping',                     {},                                                    200, ''],
    ['to a change',                      '/role',                     { method: 'POST', body: '{"action":"create","role":{"name":"r"}}' }, 200, ''],
    ['about an unknown user',            '/user?name=nobody',         {},                                                    404, { error: 'user not found' }],
    ['about an unknown role',            '/role?name=nobody',         {},                                                    404, { error: 'role not found' }],
    ['C4: about an empty name, for all', '/user?name=',               {},                                                    200, {}],
    ['C4: about an empty name of a role', '/role?name',               {},                                                    200, {}],
    ['about two names',                  '/user?name=a&name=b',       {},                                                    400, { error: '"name" stands in the query more than once' }],
    ['about the same name twice',        '/role?name=a&name=a',       {},                                                    400, { error: '"name" stands in the query more than once' }],
    ['about a name in disguise',         '/user?name=a&n%61me=b',     {},                                                    400, { error: '"name" stands in the query more than once' }],
    ['about a broken escape',            '/user?name=%zz',            {},                                                    400, { error: '"name" is not properly encoded in the query' }],
    ['in an unknown order',              '/user?order=age',           {},                                                    400, { error: '"order" in the query is neither "name" nor "created"' }],
    ['about bytes that are not UTF-8',   '/user?name=%ff',            {},                                                    400, { error: '"name" is not properly encoded in the query' }],
    ['about a NUL',                      '/user?name=%00',            {},                                                    404, { error: 'user not found' }],
    ['about a name that is too long',    `/role?name=${'x'.repeat(3_000)}`, {},                                              404, { error: 'role not found' }],
    ['about __proto__',                  '/user?name=__proto__',      {},                                                    404, { error: 'user not found' }],
    ['to a mistake',                     '/user',                     { method: 'POST', body: '{}' },                        400, { error: '"user" is missing' }],
    ['from no page',                     '/users',                    {},                                                    404, { error: 'not found' }],
    ['from below a page',                '/user/ann',                 {},                                                    404, { error: 'not found' }],
    ['with a slash at the end',          '/user/',                    {},                                                    404, { error: 'not found' }],
    ['in capitals',                      '/User',                     {},                                                    404, { error: 'not found' }],
    ['from the root',                    '/',                         {},                                                    404, { error: 'not found' }],
    ['with an escape in its path',       '/%75ser',                   {},                                                    404, { error: 'not found' }],
    ['to PUT',                           '/user',                     { method: 'PUT', body: '{}' },                         405, { error: 'PUT is not allowed here' }],
    ['to DELETE',                        '/role',                     { method: 'DELETE' },                                  405, { error: 'DELETE is not allowed here' }],
    ['to OPTIONS',                       '/user',                     { method: 'OPTIONS' },                                 405, { error: 'OPTIONS is not allowed here' }],
    ['to POST where there is only GET',  '/authorized',               { method: 'POST', body: '{}' },                        405, { error: 'POST is not allowed here' }],
    ['to PROPFIND',                      '/ping',                     { method: 'PROPFIND' },                                405, { error: 'PROPFIND is not allowed here' }],
  ])('%s says what it is', async (_says, path, init, status, body) => {
    const { get, logged } = await startNode()
    const answer = await get(path, init)
    const text = await answer.text()
    expect([answer.status, typeof body === 'string' ? text : JSON.parse(text)]).toEqual([status, body])
    expect(answer.headers.get('Request-Id')).toMatch(UUID)
    expect(answer.headers.get('X-Influxdb-Version')).toBe('1.10.0-kapacitor-auth')
    expect(answer.headers.get('Influxdb-Metaindex')).toMatch(/^\d+$/)
    expect(answer.headers.get('Content-Type')).toBe(`${body === '' ? 'text/plain' : 'application/json'}; charset=utf-8`)
    expect(answer.headers.get('Content-Length')).toBe(String(Buffer.byteLength(text)))
    expect(answer.headers.get('X-Content-Type-Options')).toBe(status < 400 ? null : 'nosniff')
    expect(answer.headers.get('Allow') === null).toBe(status !== 405)
    expect(logged).toEqual([])
  })

  test('to a wrong method names the right ones', async () => {
    const { get } = await startNode()
    const allow = async (path: string) => (await get(path, { method: 'PATCH' })).headers.get('Allow')
    expect(await Promise.all(['/user', '/role', '/authorized', '/ping', '/status', '/show-cluster', '/ldap/v1/config'].map(allow)))
      .toEqual(['HEAD, GET, POST', 'HEAD, GET, POST', 'HEAD, GET', 'HEAD, GET', 'HEAD, GET', 'HEAD, GET', 'HEAD, GET'])
  })

  test('has a request id of its own', async () => {
    const { get } = await startNode()
    const ids = await Promise.all(Array.from({ length: 5 }, async () => (await get('/ping')).headers.get('Request-Id')))
    expect(new Set(ids).size).toBe(5)
  })

  test('bears an index that grows with every change, and with nothing else', async () => {
    const { get, post } = await startNode()
    const indexOf = (answer: Response) => Number(answer.headers.get('Influxdb-Metaindex'))
    const first = indexOf(await get('/user'))
    expect(indexOf(await post('/role', role('create', { name: 'a' })))).toBe(first + 1)
    expect(indexOf(await post('/role', role('create', { name: 'a' })))).toBe(first + 1)
    expect(indexOf(await post('/role', role('delete', { name: 'b' })))).toBe(first + 1)
    expect(indexOf(await post('/role', role('delete', { name: 'a' })))).toBe(first + 2)
    expect(indexOf(await get('/ping'))).toBe(first + 2)
  })

  test('to HEAD is that to GET, without a body', async () => {
    const { get, post, store } = await startNode()
    await post('/role', role('create', { name: 'a' }))
    await store.change((d) => { for (let i = 0; i < 3_000; i++) d.put(['user', `u${i}`], { hash: 'x'.repeat(60), permissions: [] }) })
    for (const [path, status] of [['/user', 200], ['/role', 200], ['/role?name=b', 404], ['/ping', 200]] as const) {
      const answer = await get(path, { method: 'HEAD' })
      expect([answer.status, await answer.text()]).toEqual([status, ''])
    }
    await store.close() // and no snapshot is held on to
  })
})

test.each(['/user', '/user?name=', '/user?name', '/role', '/role?name='])('C4: %s is everybody, as Kapacitor\u2019s meta client means an empty name', async (path) => {
  const { get, registry } = await startNode()
  for (const name of ['ann', 'bob']) {
    await registry.createUser(name, 'hash')
    await registry.createRole(name)
  }
  const { users, roles } = await read(get(path))
  expect((users ?? roles).map(({ name }) => name)).toEqual(['ann', 'bob'])
})

describe('a name may be', () => {
  test.each(['a b c', 'a&b=c', '😀', '__proto__', 'constructor', '%2e%2e', 'ا', '../..', '"\\', 'x'.repeat(255), '+', 'e\u0301'])('%s', async (name) => {
    const { get, post } = await startNode()
    expect((await post('/user', user('create', { name, password: 'x' }))).status).toBe(200)
    expect((await post('/role', role('create', { name }))).status).toBe(200)
    expect((await post('/role', role('add-users', { name, users: [name] }))).status).toBe(200)
    const permissions = { [`x${name}`.slice(0, 255)]: ['ReadData'] }
    expect((await post('/user', user('add-permissions', { name, permissions }))).status).toBe(200)
    expect((await read(get(`/user?name=${encodeURIComponent(name)}`))).users).toEqual([{ name, hash: expect.any(String), permissions }])
    expect((await read(get(`/role?name=${encodeURIComponent(name)}`))).roles).toEqual([{ name, users: [name] }])
  })

  test('no other name', async () => {
    const { get, post } = await startNode()
    await post('/user', user('create', { name: 'é'.normalize('NFC'), password: 'x' }))
    for (const name of ['é'.normalize('NFD'), 'É', ' é', 'é ']) {
      expect((await get(`/user?name=${encodeURIComponent(name)}`)).status).toBe(404)
    }
  })
})

test('a new user\u2019s name holds no colon, a role\u2019s and an old user\u2019s may', async () => {
  const { get, post, registry, hasher } = await startNode()
  const answer = await post('/user', user('create', { name: 'a:b', password: 'x' }))
  expect([answer.status, await answer.json()]).toEqual([400, { error: '"name" holds a colon, and could not sign in by HTTP Basic' }])
  expect(hasher.hashed).toBe(0)
  await registry.createUser('a:b', 'hash')
  expect((await post('/user', user('change-password', { name: 'a:b', password: 'x' }))).status).toBe(200)
  expect((await post('/role', role('create', { name: 'a:b' }))).status).toBe(200)
  expect((await read(get('/user?name=a:b'))).users.length).toBe(1)
})

describe('what clients that look at a cluster read', () => {
  const self = { address: 'meta1:8091', scheme: 'https' } as const

  test.each<[string, MetaNodeOptions['cluster'], string, unknown]>([
    ['one node',    () => ({ self, others: [] }),                                                 '/show-cluster',   { data: [], meta: [{ id: 1, addr: 'meta1:8091', httpScheme: 'https', tcpAddr: '', version: '1.10.0-kapacitor-auth' }] }],
    ['two nodes',   () => ({ self, others: [{ address: 'meta2:8091', scheme: 'http' }] }),        '/show-cluster',   { data: [], meta: [expect.objectContaining({ id: 1 }), { id: 2, addr: 'meta2:8091', httpScheme: 'http', tcpAddr: '', version: '1.10.0-kapacitor-auth' }] }],
    ['one node',    () => ({ self, others: [] }),                                                 '/status',         { nodeType: 'meta', leader: 'meta1:8091', httpAddr: 'meta1:8091', raftAddr: '', peers: null }],
    ['two nodes',   () => ({ self, others: [{ address: 'meta2:8091', scheme: 'http' }] }),        '/status',         { nodeType: 'meta', leader: 'meta1:8091', httpAddr: 'meta1:8091', raftAddr: '', peers: ['meta2:8091'] }],
    ['one node',    () => ({ self, others: [] }),                                                 '/ldap/v1/config', { structured: { enabled: false } }],
  ])('of %s', async (_says, cluster, path, body) => {
    const { get } = await startNode({ ...(cluster && { cluster }), authenticate: async () => ({ kind: 'user', name: 'ann', permissions: new Map() }) })
    const answer = await get(path)
    expect([answer.status, answer.headers.get('Content-Type'), await answer.json()]).toEqual([200, 'application/json; charset=utf-8', body])
  })

  test('without being told, by the name that the request has for it', async () => {
    const { get, url } = await startNode()
    expect(await (await get('/status')).json()).toMatchObject({ httpAddr: new URL(url).host })
  })
})

test.each(PERMISSIONS)('%s is granted cluster-wide and per database, to users and to roles', async (permission) => {
  const { get, post } = await startNode()
  const permissions = { '': [permission], telegraf: [permission] }
  await post('/user', user('create', { name: 'ann', password: 'x' }))
  await post('/role', role('create', { name: 'ops' }))
  expect((await post('/user', user('add-permissions', { name: 'ann', permissions }))).status).toBe(200)
  expect((await post('/role', role('add-permissions', { name: 'ops', permissions }))).status).toBe(200)
  expect((await read(get('/user'))).users[0]?.permissions).toEqual(permissions)
  expect((await read(get('/role'))).roles[0]?.permissions).toEqual(permissions)
  for (const body of [user('add-permissions', { name: 'ann', permissions: { db: [`${permission}x`] } }), user('remove-permissions', { name: 'ann', permissions: { db: [permission.toLowerCase()] } })]) {
    const answer = await post('/user', body)
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(`unknown permission`)])
  }
})

describe('a change', () => {
  test('that creates a user is safe to repeat with the same password, and with no other', async () => {
    const { post, hasher } = await startNode()
    const create = async (password: string) => {
      const answer = await post('/user', user('create', { name: 'ann', password }))
      return [answer.status, await answer.text()]
    }
    expect(await create('one')).toEqual([200, ''])
    expect(await create('one')).toEqual([200, ''])
    expect(await create('two')).toEqual([409, '{"error":"user already exists"}'])
    expect(hasher.hashed).toBe(1)
  })

  test('that creates a user with permissions is one change, says so, and leaves the lines of a create and a grant', async () => {
    const reports: ChangeReport[] = []
    const { post, registry } = await startNode({ onChange: (_source, report) => reports.push(report) })
    const before = await registry.index()
    const answer = await post('/user', user('create', { name: 'ann', password: 'one', permissions: { '': ['Monitor'], db: ['ReadData'] } }))
    expect([answer.status, await answer.text(), answer.headers.get('x-kapacitor-auth-granted')]).toEqual([200, '', 'true'])
    expect(await registry.index()).toBe(before + 1)
    const permissions = { '': ['Monitor'], db: ['ReadData'] }
    expect((await registry.getUser('ann'))?.permissions).toEqual(new Map([['', new Set(['Monitor'])], ['db', new Set(['ReadData'])]]))
    expect(reports).toEqual([
      { outcome: 'made', change: 'create', subject: 'user', name: 'ann', before: undefined, after: { permissions: {} } },
      { outcome: 'made', change: 'add-permissions', subject: 'user', name: 'ann', before: { permissions: {} }, after: { permissions } },
    ])
  })

  test('that creates a user without permissions does not say that they were granted', async () => {
    const { post } = await startNode()
    expect((await post('/user', user('create', { name: 'ann', password: 'one' }))).headers.get('x-kapacitor-auth-granted')).toBeNull()
  })

  test.each(['one', 'two'])('that creates a user with permissions grants nothing to one who is there, whose password is "one", with "%s"', async (password) => {
    const reports: ChangeReport[] = []
    const { post, registry, hasher } = await startNode({ onChange: (_source, report) => reports.push(report) })
    await registry.createUser('ann', await hasher.hash('one', 4))
    const [before, hashed] = [await registry.getUser('ann'), hasher.hashed]
    const answer = await post('/user', user('create', { name: 'ann', password, permissions: { '': ['Monitor'] } }))
    expect([answer.status, await answer.text(), answer.headers.get('x-kapacitor-auth-granted')]).toEqual([409, '{"error":"user already exists"}', null])
    expect([await registry.getUser('ann'), hasher.hashed, hasher.compared]).toEqual([before, hashed, []])
    expect(reports).toEqual([{ outcome: 'refused', code: 'ERR_CONFLICT', change: 'create', subject: 'user', name: 'ann' }])
  })

  test('that creates the same user with permissions ten times at once succeeds once', async () => {
    const { post } = await startNode()
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await post('/user', user('create', { name: 'ann', password: 'one', permissions: { '': ['Monitor'] } }))).status))
    expect(statuses.sort()).toEqual([200, ...Array(9).fill(409)])
  })

  test('that creates the same user ten times at once succeeds ten times', async () => {
    const { post, get } = await startNode()
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('/user', user('create', { name: 'ann', password: 'one' }))))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect((await read(get('/user'))).users.length).toBe(1)
  })

  test('that creates the same user with ten passwords at once succeeds for one', async () => {
    const { post, get } = await startNode()
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => post('/user', user('create', { name: 'ann', password: `password${i}` }))))
    const winner = answers.findIndex(({ status }) => status === 200)
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)])
    expect((await get(`/authorized?name=ann&password=password${winner}&permission=NoPermissions&resource=_`)).status).toBe(200)
  })

  test.each<[string, unknown, number, string]>([
    ['/user', user('delete', { name: 'bob' }),                                                   404, 'user not found'],
    ['/user', user('change-password', { name: 'bob', password: 'x' }),                           404, 'user not found'],
    ['/user', user('add-permissions', { name: 'bob', permissions: { '': ['Monitor'] } }),        404, 'user not found'],
    ['/user', user('remove-permissions', { name: 'bob', permissions: { '': ['Monitor'] } }),     404, 'user not found'],
    ['/role', role('create', { name: 'ops' }),                                                   409, 'role already exists'],
    ['/role', role('delete', { name: 'dev' }),                                                   404, 'role not found'],
    ['/role', role('change-name', { name: 'dev', newName: 'x' }),                                404, 'role not found'],
    ['/role', role('change-name', { name: 'ops', newName: 'sec' }),                              409, 'role already exists'],
    ['/role', role('add-users', { name: 'dev', users: ['ann'] }),                                404, 'role not found'],
    ['/role', role('add-users', { name: 'ops', users: ['ann', 'bob', 'carl'] }),                 404, 'user not found: bob'],
    ['/role', role('remove-users', { name: 'dev', users: ['ann'] }),                             404, 'role not found'],
    ['/role', role('add-permissions', { name: 'dev', permissions: {} }),                         404, 'role not found'],
    ['/role', role('remove-permissions', { name: 'dev', permissions: {} }),                      404, 'role not found'],
    ['/user', user('delete', { name: 'ann' }),                                                   409, 'cannot delete user "ann": that would remove the last administrator'],
    ['/user', user('remove-permissions', { name: 'ann', permissions: { '': ['Monitor'] } }),     409, 'cannot remove permissions of user "ann": that would remove the last administrator'],
  ])('%s %j is refused, and nothing changes', async (path, body, status, error) => {
    const { get, post, registry } = await startNode()
    await registry.createUser('ann', 'hash', ADMIN_PERMISSIONS)
    await registry.createRole('ops')
    await registry.createRole('sec')
    const before = [await (await get('/user')).text(), await (await get('/role')).text(), await registry.index()]
    const answer = await post(path, body)
    expect([answer.status, await answer.json()]).toEqual([status, { error }])
    expect([await (await get('/user')).text(), await (await get('/role')).text(), await registry.index()]).toEqual(before)
  })

  test.each<[string, unknown]>([
    ['/user', user('add-permissions', { name: 'ann', permissions: { '': ['Monitor'] } })],
    ['/user', user('remove-permissions', { name: 'ann', permissions: { db: ['ReadData'] } })],
    ['/role', role('add-users', { name: 'ops', users: ['ann'] })],
    ['/role', role('remove-users', { name: 'ops', users: ['nobody', 'a\u2028'] })],
    ['/role', role('remove-permissions', { name: 'ops', permissions: { '': ['Monitor'] } })],
    ['/role', role('change-name', { name: 'ops', newName: 'ops' })],
  ])('%s %j that changes nothing is fine, and counts as none', async (path, body) => {
    const { post, registry } = await startNode()
    await registry.createUser('ann', 'hash', ADMIN_PERMISSIONS)
    await registry.createRole('ops')
    await registry.addRoleUsers('ops', ['ann'])
    const index = await registry.index()
    expect((await post(path, body)).status).toBe(200)
    expect(await registry.index()).toBe(index)
  })

  test('of a password leaves permissions and roles', async () => {
    const { get, post, registry } = await startNode()
    await registry.createUser('ann', 'hash', cluster('Monitor'))
    await post('/user', user('change-password', { name: 'ann', password: 'new' }))
    expect((await read(get('/user'))).users[0]?.permissions).toEqual({ '': ['Monitor'] })
    expect((await get('/authorized?name=ann&password=new&permission=Monitor')).status).toBe(200)
    expect((await get('/authorized?name=ann&password=old&permission=Monitor')).status).toBe(401)
  })
})

describe('a body', () => {
  test.each(['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'x'])('is JSON, whatever %s says', async (type) => {
    const { post } = await startNode()
    const answer = await post('/role', role('create', { name: 'a' }), { headers: { 'Content-Type': type } })
    expect(answer.status).toBe(200)
  })

  test.each<[string, Uint8Array | string, Record<string, string>, number, string]>([
    ['over a megabyte',     `{"action":"${'x'.repeat(1024 * 1024)}"}`,                       {},                              413, 'the body is longer than 1 MiB'],
    ['not UTF-8',           Buffer.concat([Buffer.from('{"action":"'), Buffer.of(0xff), Buffer.from('"}')]), {},              400, 'the body is not UTF-8'],
    ['half a character',    Buffer.from('{"action":"😀').subarray(0, -1),                     {},                              400, 'the body is not UTF-8'],
    ['compressed',          gzipSync('{}'),                                                  { 'Content-Encoding': 'gzip' },  400, 'the body is encoded: send it as it is'],
    ['nothing',             '',                                                              {},                              400, 'the body is empty, {"action":…,"role":{"name":…}} is expected'],
  ])('that is %s is refused', async (_says, body, headers, status, error) => {
    const { post, get } = await startNode()
    const answer = await post('/role', body, { headers })
    expect([answer.status, await answer.json()]).toEqual([status, { error }])
    expect((await get('/ping')).status).toBe(200)
  })

  test('of just a megabyte is read', async () => {
    const { post } = await startNode()
    const body = JSON.stringify(role('create', { name: 'a' }))
    expect((await post('/role', body + ' '.repeat(1024 * 1024 - body.length))).status).toBe(200)
    expect((await post('/role', body + ' '.repeat(1024 * 1024 - body.length + 1))).status).toBe(413)
  })

  test('too long, in pieces and without a length, is refused before its end, on a connection that goes on', async () => {
    const { url } = await startNode()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let received = ''
    socket.on('data', (data) => { received += data })
    socket.write('POST /role HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
    const piece = `${(65_536).toString(16)}\r\n${' '.repeat(65_536)}\r\n`
    for (let i = 0; i < 17; i++) socket.write(piece)
    await expect.poll(() => received).toContain('HTTP/1.1 413')
    socket.write(`${piece}0\r\n\r\nGET /ping HTTP/1.1\r\nHost: x\r\n\r\n`)
    await expect.poll(() => received).toContain('HTTP/1.1 200')
    socket.destroy()
  })

  test('that breaks off is nobody’s error', async () => {
    const { url, logged, get } = await startNode()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('POST /role HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"action":')
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
    await once(socket, 'close')
    expect((await get('/ping')).status).toBe(200)
    expect(logged).toEqual([])
  })
})

describe('who may', () => {
  const EVERY = PERMISSIONS.filter((name) => name !== 'NoPermissions')
  const callers = {
    node:    { kind: 'node' },
    admin:   asUser('root', ADMIN_PERMISSIONS),
    keeper:  asUser('keeper', cluster('CreateUserAndRole')),
    almost:  asUser('almost', cluster(...EVERY.filter((name) => name !== 'CreateUserAndRole'))),
    scoped:  asUser('scoped', new Map([['db', new Set(EVERY)]])),
    ann:     asUser('ann'),
  } satisfies Record<string, Caller>
  const no = (name: string, why: string) => `user ${name} ${why}`
  const READ = 'is not an administrator, who holds all permissions'
  const CHANGE = 'does not have the permission CreateUserAndRole'

  test.each<[keyof typeof callers, string, unknown, number, string | undefined]>([
    ['node',    'GET /user',        undefined,                                                    200, undefined],
    ['admin',   'GET /user',        undefined,                                                    200, undefined],
    ['keeper',  'GET /user',        undefined,                                                    403, no('keeper', READ)],
    ['almost',  'GET /user',        undefined,                                                    403, no('almost', READ)],
    ['scoped',  'GET /user',        undefined,                                                    403, no('scoped', READ)],
    ['ann',     'GET /user?name=ann', undefined,                                                  403, no('ann', READ)],
    ['ann',     'GET /user?name=x&name=y', undefined,                                             403, no('ann', READ)],
    ['node',    'GET /role',        undefined,                                                    200, undefined],
    ['keeper',  'GET /role',        undefined,                                                    403, no('keeper', READ)],
    ['ann',     'GET /role?name=ops', undefined,                                                  403, no('ann', READ)],
    ['ann',     'HEAD /user',       undefined,                                                    403, undefined],
    ['admin',   'GET /authorized?name=ann&password=secret&permission=NoPermissions', undefined,   200, undefined],
    ['keeper',  'GET /authorized?name=ann&password=secret&permission=NoPermissions', undefined,   403, no('keeper', READ)],
    ['ann',     'GET /authorized?name=ann&password=secret&permission=NoPermissions', undefined,   403, no('ann', READ)],
    ['ann',     'GET /ping',        undefined,                                                    200, undefined],
    ['node',    'POST /user',       user('delete', { name: 'ann' }),                              200, undefined],
    ['keeper',  'POST /user',       user('delete', { name: 'ann' }),                              200, undefined],
    ['almost',  'POST /user',       user('delete', { name: 'ann' }),                              403, no('almost', CHANGE)],
    ['scoped',  'POST /user',       user('delete', { name: 'ann' }),                              403, no('scoped', CHANGE)],
    ['ann',     'POST /user',       user('delete', { name: 'ann' }),                              403, no('ann', CHANGE)],
    ['ann',     'POST /user',       user('delete', { name: 'nobody' }),                           403, no('ann', CHANGE)],
    ['ann',     'POST /user',       user('create', { name: 'ann', password: 'secret' }),          403, no('ann', CHANGE)],
    ['ann',     'POST /user',       user('add-permissions', { name: 'ann', permissions: { '': ['CreateUserAndRole'] } }), 403, no('ann', CHANGE)],
    ['ann',     'POST /user',       user('change-password', { name: 'ann', password: 'new' }),    200, undefined],
    ['ann',     'POST /user',       user('change-password', { name: 'bob', password: 'new' }),    403, no('ann', CHANGE)],
    ['keeper',  'POST /user',       user('change-password', { name: 'ann', password: 'new' }),    200, undefined],
    ['keeper',  'POST /role',       role('create', { name: 'x' }),                                200, undefined],
    ['almost',  'POST /role',       role('create', { name: 'x' }),                                403, no('almost', CHANGE)],
    ['ann',     'POST /role',       role('add-users', { name: 'ops', users: ['ann'] }),           403, no('ann', CHANGE)],
  ])('%s: %s %j → %i', async (caller, request, body, status, error) => {
    const { get, registry, hasher } = await startNode({ authenticate: async () => callers[caller] })
    await registry.createUser('ann', await hasher.hash('secret', 4))
    await registry.createUser('bob', 'hash')
    await registry.createRole('ops')
    const index = await registry.index()
    const [method, path] = request.split(' ') as [string, string]
    const answer = await get(path, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
    const text = await answer.text()
    expect(answer.status).toBe(status)
    if (error) expect(JSON.parse(text)).toEqual({ error })
    if (error) expect(text).not.toContain('$2b$')
    expect(await registry.index()).toBe(index + (method === 'POST' && status === 200 ? 1 : 0))
  })

  test.each<[string, AuthError, number, string, Record<string, string>]>([
    ['without credentials',  new AuthError('ERR_CREDENTIALS_MISSING', 'unable to parse authentication credentials'), 401, 'unable to parse authentication credentials', { 'www-authenticate': 'Basic realm="kapacitor", charset="UTF-8"' }],
    ['with too many',        new AuthError('ERR_REQUEST_AMBIGUOUS', 'more than one'),             400, 'more than one', {}],
    ['when it cannot tell',  new AuthError('ERR_BUSY', 'too many passwords wait'),                503, 'too many passwords wait', { 'retry-after': '1' }],
  ])('ask is settled first: %s', async (_says, refusal, status, error, headers) => {
    const { get, post, logged, hasher } = await startNode({ authenticate: async () => { throw refusal } })
    for (const answer of [
      await get('/user'), await get('/role'), await get('/user?name='), await get('/authorized'),
      await get('/status'), await get('/show-cluster'), await get('/ldap/v1/config'),
      await post('/user', 'no JSON'), await post('/role', role('create', { name: 'x' })),
    ]) {
      expect([answer.status, await answer.json()]).toEqual([status, { error }])
      for (const [name, value] of Object.entries(headers)) expect(answer.headers.get(name)).toBe(value)
    }
    expect((await get('/ping')).status).toBe(200)
    expect((await get('/nothing')).status).toBe(404)
    expect([logged, hasher.compared]).toEqual([[], []])
  })

  test('ask is settled before a body is read', async () => {
    const { url } = await startNode({ authenticate: async () => { throw new AuthError('ERR_CREDENTIALS_MISSING', 'no') } })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('POST /user HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{')
    const [data] = await once(socket, 'data')
    expect(String(data)).toContain('HTTP/1.1 401')
    socket.destroy()
  })
})

describe('new passwords', () => {
  test.each([
    // says                                        password       status  error
    ['long enough',                                'abcdefgh',    200,    undefined],
    ['too short',                                  'abcdefg',     400,    'the password is 7 characters long, at least 8 are needed'],
    ['characters, not bytes, nor UTF-16 units',    '𝄞𝄞𝄞𝄞𝄞𝄞𝄞',     400,    'the password is 7 characters long, at least 8 are needed'],
    ['as many letters of four bytes',              '𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞',    200,    undefined],
  ])('have a least length: %s', async (_says, password, status, error) => {
    const { post, registry, hasher } = await startNode({ passwordMinLength: 8 })
    await registry.createUser('bob', await hasher.hash('old', 4))
    for (const change of [user('create', { name: 'ann', password }), user('change-password', { name: 'bob', password })]) {
      const answer = await post('/user', change)
      expect([answer.status, error && await answer.json()]).toEqual([status, error && { error }])
    }
  })

  test.each(['pbkdf2-sha256', 'pbkdf2-sha512'] as const)('are hashed by %s, and found right', async (kind) => {
    const pool = createBcryptPool({ threads: 1 })
    try {
      const { get, post, registry } = await startNode({ hasher: pool, cost: { kind, rounds: 1_000 } })
      await registry.createUser('old', await pool.hash('secret', 4))
      await post('/user', user('create', { name: 'ann', password: 'secret' }))
      await post('/user', user('change-password', { name: 'old', password: 'new secret' }))
      const { users } = await read(get('/user'))
      for (const { hash } of users) expect(hash).toMatch(new RegExp(`^\\$${kind}\\$1000\\$`))
      const statusOf = async (name: string, password: string) => (await get(`/authorized?name=${name}&password=${encodeURIComponent(password)}&permission=NoPermissions&resource=_`)).status
      expect([await statusOf('ann', 'secret'), await statusOf('ann', 'Secret'), await statusOf('old', 'new secret')]).toEqual([200, 401, 200])
      expect((await post('/user', user('create', { name: 'ann', password: 'secret' }))).status).toBe(200) // repeated
      expect((await post('/user', user('create', { name: 'ann', password: 'other' }))).status).toBe(409)
    } finally {
      await pool.close()
    }
  })
})

describe('GET /authorized', () => {
  const ask = (query: string) => `/authorized?${query}`

  test.each<[string, string, number, string | undefined]>([
    ['the password alone',               'name=ann&password=secret&permission=NoPermissions&resource=_',    200, undefined],
    ['the password, of the cluster',     'name=ann&password=secret&permission=NoPermissions',               200, undefined],
    ['what is held everywhere',          'name=ann&password=secret&permission=Monitor&resource=',           200, undefined],
    ['what is held everywhere, there',   'name=ann&password=secret&permission=Monitor&resource=db',         200, undefined],
    ['what is held there',               'name=ann&password=secret&permission=ReadData&resource=db',        200, undefined],
    ['what a role holds',                'name=ann&password=secret&permission=WriteData&resource=db',       200, undefined],
    ['what an old node calls 9',         'name=ann&password=secret&permission=9&resource=db',               200, undefined],
    ['what is held elsewhere',           'name=ann&password=secret&permission=ReadData&resource=other',     403, 'user ann does not have the permission ReadData on database "other"'],
    ['what is held there, everywhere',   'name=ann&password=secret&permission=ReadData&resource=',          403, 'user ann does not have the permission ReadData'],
    ['what is not held',                 'name=ann&password=secret&permission=DropData&resource=db',        403, 'user ann does not have the permission DropData on database "db"'],
    ['a wrong password',                 'name=ann&password=Secret&permission=NoPermissions&resource=_',    401, 'authorization failed'],
    ['a wrong password first',           'name=ann&password=Secret&permission=DropData&resource=db',        401, 'authorization failed'],
    ['an unknown user',                  'name=bob&password=secret&permission=NoPermissions&resource=_',    401, 'authorization failed'],
    ['an unknown user first',            'name=bob&password=secret&permission=DropData&resource=db',        401, 'authorization failed'],
    ['a name that cannot be',            'name=%00&password=secret&permission=NoPermissions',               401, 'authorization failed'],
    ['__proto__',                        'name=__proto__&password=secret&permission=NoPermissions',         401, 'authorization failed'],
    ['a longer password',                `name=ann&password=secret${'x'.repeat(70)}&permission=NoPermissions`, 401, 'authorization failed'],
    ['a password with a NUL behind',     'name=ann&password=secret%00&permission=NoPermissions',            401, 'authorization failed'],
    ['a byte more than 72',              `name=long&password=${'x'.repeat(73)}&permission=NoPermissions`,   401, 'authorization failed'],
    ['all 72 bytes',                     `name=long&password=${'x'.repeat(72)}&permission=NoPermissions`,   200, undefined],
    ['a user whose hash is broken',      'name=broken&password=secret&permission=NoPermissions',            401, 'authorization failed'],
    ['the hash as password',             'name=broken&password=broken&permission=NoPermissions',            401, 'authorization failed'],
    ['nothing',                          '',                                                                400, '"name" is missing in the query'],
    ['no password',                      'name=ann&permission=NoPermissions',                               400, '"password" is missing in the query'],
    ['an empty password',                'name=ann&password=&permission=NoPermissions',                     400, '"password" is empty in the query'],
    ['no permission',                    'name=ann&password=secret',                                        400, '"permission" is missing in the query'],
    ['an unknown permission',            'name=ann&password=secret&permission=Read',                        400, 'unknown permission "Read"'],
    ['a mistyped permission',            'name=ann&password=secret&permission=kapacitorAPI',                400, 'unknown permission "kapacitorAPI", did you mean "KapacitorAPI"?'],
    ['two passwords',                    'name=ann&password=secret&password=x&permission=NoPermissions',    400, '"password" stands in the query more than once'],
    ['two resources',                    'name=ann&password=secret&permission=Monitor&resource=a&resource=b', 400, '"resource" stands in the query more than once'],
  ])('with %s', async (_says, query, status, error) => {
    const { get, registry, hasher, logged } = await startNode()
    const own: Permissions = new Map<string, Set<Permission>>([['', new Set(['Monitor'])], ['db', new Set(['ReadData'])]])
    await registry.createUser('ann', await hasher.hash('secret', 4), own)
    await registry.createUser('broken', 'broken')
    await registry.createUser('long', await hasher.hash('x'.repeat(72), 4))
    await registry.createRole('writers')
    await registry.addRolePermissions('writers', new Map([['db', new Set(['WriteData' as const])]]))
    await registry.addRoleUsers('writers', ['ann'])
    const answer = await get(ask(query))
    expect([answer.status, await answer.json()]).toEqual([status, error ? { error } : {}])
    expect(answer.headers.has('WWW-Authenticate')).toBe(status === 401)
    expect(logged).toEqual([])
  })

  test('hashes as long for an unknown user, or one with a lesser hash, as for a known one', async () => {
    const { get, registry, hasher } = await startNode({ cost: 6 })
    await registry.createUser('ann', await hasher.hash('secret', 6))
    await registry.createUser('old', await hasher.hash('secret', 4))
    await registry.createUser('broken', 'broken')
    const rounds = async (name: string) => {
      hasher.compared.length = 0
      await get(ask(`name=${name}&password=wrong&permission=NoPermissions&resource=_`))
      return hasher.compared.map((hash) => hashWork(hash)?.rounds ?? 0).reduce((sum, some) => sum + some, 0)
    }
    const slowest = 2 ** 10
    for (const name of ['ann', 'nobody', 'old', 'broken']) expect([name, await rounds(name)]).toEqual([name, slowest])
  })
})

describe('when something is wrong,', () => {
  test('an unexpected error is "internal error", and is logged', async () => {
    const secret = new Error('secret detail')
    const { get, post, logged, registry } = await startNode()
    registry.read = async () => { throw secret }
    registry.createRole = async () => { throw secret }
    for (const answer of [await get('/user'), await post('/role', role('create', { name: 'a' }))]) {
      expect([answer.status, await answer.text()]).toEqual([500, '{"error":"internal error"}'])
    }
    expect(logged).toEqual([secret, secret])
  })

  test('a registry out of reach is 503 and "try again", and is logged', async () => {
    const { get, post, logged, store } = await startNode()
    await store.close()
    for (const answer of [await get('/user'), await get('/authorized?name=a&password=b&permission=Monitor'), await post('/role', role('create', { name: 'a' }))]) {
      expect([answer.status, await answer.json()]).toEqual([503, { error: 'the registry is closed' }])
      expect(answer.headers.get('Retry-After')).toBe('1')
      expect(answer.headers.has('Influxdb-Metaindex')).toBe(false)
      expect(answer.headers.get('Request-Id')).toMatch(UUID)
    }
    expect(logged.length).toBe(3)
    expect((await get('/ping')).status).toBe(200)
  })

  test('a damaged record is 503, and no half of an answer', async () => {
    const { get, logged, store } = await startNode()
    await store.change((d) => d.put(['user', 'ann'], 'nonsense'))
    const answer = await get('/user')
    expect([answer.status, await answer.json()]).toEqual([503, { error: 'the registry is damaged' }])
    expect(logged.length).toBe(1)
  })
})
