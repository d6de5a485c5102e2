import { describe, expect, test } from 'vitest'
import { createAttempts } from '../../src/authn/passwords/attempts.js'
import { CLUSTER, type Permission, type Permissions } from '../../src/authz/permission.js'
import type { User } from '../../src/authz/user.js'
import type { Caller } from '../../src/meta-node/access.js'
import type { MetaNodeOptions } from '../../src/meta-node/meta-node.js'
import { ADMIN_PERMISSIONS } from '../../src/registry/first-admin.js'
import { type NodeBench, startNode } from '../registry/node-bench.js'

const grants = (scopes: Record<string, Permission[]>): Permissions => new Map(Object.entries(scopes).map(([scope, names]) => [scope, new Set(names)]))
const cluster = (...names: Permission[]) => grants({ [CLUSTER]: names })
const EVERY = [...(ADMIN_PERMISSIONS.get(CLUSTER) ?? [])]
const user = (action: string, fields: object) => ({ action, user: fields })
const role = (action: string, fields: object) => ({ action, role: fields })

/** Manages users, and holds two permissions beside that. */
const KEEPER = { kind: 'user', name: 'keeper', permissions: grants({ '': ['CreateUserAndRole', 'KapacitorAPI'], telegraf: ['ReadData'] }) } satisfies Caller

/** Users and roles of every kind; `halves` is an administrator by two roles together. */
async function start(options: Partial<MetaNodeOptions> = {}): Promise<NodeBench> {
  const bench = await startNode({ authenticate: async () => KEEPER, ...options })
  const { registry, hasher } = bench
  const hash = await hasher.hash('secret', 4)
  await registry.createUser('root', hash, ADMIN_PERMISSIONS)
  await registry.createUser('halves', hash)
  await registry.createUser('keeper', hash, KEEPER.permissions)
  await registry.createUser('ann', hash, cluster('KapacitorAPI'))
  await registry.createUser('reader', hash, grants({ telegraf: ['ReadData'] }))
  await registry.createUser('writer', hash, grants({ telegraf: ['WriteData'] }))
  await registry.createUser('elsewhere', hash, grants({ other: ['ReadData'] }))
  for (const name of ['first', 'second', 'admins', 'tasks', 'writers', 'empty']) await registry.createRole(name)
  await registry.addRolePermissions('first', cluster(...EVERY.slice(0, 9)))
  await registry.addRolePermissions('second', cluster(...EVERY.slice(9)))
  await registry.addRolePermissions('admins', ADMIN_PERMISSIONS)
  await registry.addRolePermissions('tasks', cluster('KapacitorAPI'))
  await registry.addRolePermissions('writers', grants({ telegraf: ['WriteData'] }))
  for (const name of ['first', 'second']) await registry.addRoleUsers(name, ['halves'])
  await registry.addRoleUsers('tasks', ['ann', 'root'])
  hasher.hashed = 0
  return bench
}

const NOT_HELD = 'which keeper does not hold'
const ADMIN = (name: string) => `change user "${name}", who is an administrator`

const REFUSED: [string, string, object, string][] = [
  // says                                  path     body                                                                                  may not
  ['the administrator\'s password',        '/user', user('change-password', { name: 'root', password: 'x' }),                              ADMIN('root')],
  ['of one by two roles',                  '/user', user('change-password', { name: 'halves', password: 'x' }),                            ADMIN('halves')],
  ['the administrator',                    '/user', user('delete', { name: 'root' }),                                                      ADMIN('root')],
  ['one by two roles',                     '/user', user('delete', { name: 'halves' }),                                                    ADMIN('halves')],
  ['what the administrator has',           '/user', user('remove-permissions', { name: 'root', permissions: { '': ['Monitor'] } }),        ADMIN('root')],
  ['more for the administrator',           '/user', user('add-permissions', { name: 'root', permissions: { '': ['KapacitorAPI'] } }),      ADMIN('root')],
  ['all for themselves',                   '/user', user('add-permissions', { name: 'keeper', permissions: { '': EVERY } }),               `grant ViewAdmin on all databases, ${NOT_HELD}`],
  ['all for another',                      '/user', user('add-permissions', { name: 'ann', permissions: { '': EVERY } }),                  `grant ViewAdmin on all databases, ${NOT_HELD}`],
  ['one more',                             '/user', user('add-permissions', { name: 'ann', permissions: { '': ['KapacitorConfigAPI'] } }), `grant KapacitorConfigAPI on all databases, ${NOT_HELD}`],
  ['what is held on a database, on all',   '/user', user('add-permissions', { name: 'ann', permissions: { '': ['ReadData'] } }),           `grant ReadData on all databases, ${NOT_HELD}`],
  ['on another database',                  '/user', user('add-permissions', { name: 'ann', permissions: { other: ['ReadData'] } }),        `grant ReadData on database "other", ${NOT_HELD}`],
  ['what is held, and more',               '/user', user('add-permissions', { name: 'ann', permissions: { telegraf: ['ReadData', 'WriteData'] } }), `grant WriteData on database "telegraf", ${NOT_HELD}`],
  ['the password of who holds more',       '/user', user('change-password', { name: 'writer', password: 'x' }),                            'change the password of user "writer", who holds more than keeper: WriteData on database "telegraf"'],
  ['of who holds it elsewhere',            '/user', user('change-password', { name: 'elsewhere', password: 'x' }),                         'change the password of user "elsewhere", who holds more than keeper: ReadData on database "other"'],
  ['a new user into an administrator',     '/user', user('create', { name: 'new', password: 'x', permissions: { '': EVERY } }),            `grant ViewAdmin on all databases, ${NOT_HELD}`],
  ['a new user into one with more',        '/user', user('create', { name: 'new', password: 'x', permissions: { telegraf: ['ReadData', 'WriteData'] } }), `grant WriteData on database "telegraf", ${NOT_HELD}`],
  ['themselves into administrators',       '/role', role('add-users', { name: 'admins', users: ['keeper'] }),                              'change role "admins", which makes administrators'],
  ['the role of administrators',           '/role', role('delete', { name: 'admins' }),                                                    'change role "admins", which makes administrators'],
  ['its name',                             '/role', role('change-name', { name: 'admins', newName: 'x' }),                                 'change role "admins", which makes administrators'],
  ['themselves into a role with more',     '/role', role('add-users', { name: 'writers', users: ['keeper'] }),                             `grant WriteData on database "telegraf", ${NOT_HELD}`],
  ['into half of an administrator',        '/role', role('add-users', { name: 'first', users: ['keeper'] }),                               `grant ViewAdmin on all databases, ${NOT_HELD}`],
  ['more for a role',                      '/role', role('add-permissions', { name: 'empty', permissions: { '': ['Monitor'] } }),          `grant Monitor on all databases, ${NOT_HELD}`],
  ['what makes an administrator',          '/role', role('delete', { name: 'first' }),                                                     'change role "first", which has an administrator among its members'],
  ['a part of it',                         '/role', role('remove-permissions', { name: 'second', permissions: { '': ['Monitor'] } }),      'change role "second", which has an administrator among its members'],
  ['the administrator in it',              '/role', role('remove-users', { name: 'first', users: ['halves'] }),                            ADMIN('halves')],
  ['an administrator among others',        '/role', role('remove-users', { name: 'tasks', users: ['ann', 'root'] }),                       ADMIN('root')],
  ['an administrator into a role',         '/role', role('add-users', { name: 'empty', users: ['root'] }),                                 ADMIN('root')],
]

const ALLOWED: [string, string, object][] = [
  // says                                  path     body
  ['a new user',                           '/user', user('create', { name: 'new', password: 'x' })],
  ['a new user with what they hold',       '/user', user('create', { name: 'new', password: 'x', permissions: { '': ['KapacitorAPI'], telegraf: ['ReadData'] } })],
  ['what they hold',                       '/user', user('add-permissions', { name: 'reader', permissions: { '': ['KapacitorAPI', 'CreateUserAndRole'] } })],
  ['what they hold on a database',         '/user', user('add-permissions', { name: 'ann', permissions: { telegraf: ['ReadData'] } })],
  ['what they hold everywhere, on one',    '/user', user('add-permissions', { name: 'reader', permissions: { telegraf: ['KapacitorAPI'] } })],
  ['nothing',                              '/user', user('add-permissions', { name: 'ann', permissions: { '': ['NoPermissions'] } })],
  ['the password of who holds no more',    '/user', user('change-password', { name: 'ann', password: 'x' })],
  ['their own password',                   '/user', user('change-password', { name: 'keeper', password: 'x' })],
  ['less for who holds more',              '/user', user('remove-permissions', { name: 'writer', permissions: { telegraf: ['WriteData'] } })],
  ['who holds more, away',                 '/user', user('delete', { name: 'writer' })],
  ['a new role',                           '/role', role('create', { name: 'new' })],
  ['users into a role of what they hold',  '/role', role('add-users', { name: 'tasks', users: ['reader'] })],
  ['users out of any role',                '/role', role('remove-users', { name: 'tasks', users: ['ann'] })],
  ['a role without administrators',        '/role', role('delete', { name: 'writers' })],
]

const stateOf = async ({ registry }: NodeBench) => registry.index()
const statusOf = async (answer: Response) => [answer.status, await answer.text()]

describe('D9: a holder of CreateUserAndRole who is not an administrator', () => {
  test.each(REFUSED)('does not change %s', async (_says, path, body, mayNot) => {
    const bench = await start()
    const before = await stateOf(bench)
    expect(await statusOf(await bench.post(path, body))).toEqual([403, JSON.stringify({ error: `user keeper may not ${mayNot}` })])
    expect([await stateOf(bench), bench.hasher.hashed]).toEqual([before, 0])
  })

  test.each(ALLOWED)('changes %s', async (_says, path, body) => {
    const bench = await start()
    expect(await statusOf(await bench.post(path, body))).toEqual([200, ''])
  })

  test.each([...REFUSED, ...ALLOWED].map(([says, path, body]) => [says, path, body] as const))('as in InfluxDB Enterprise, where it is switched on: %s', async (_says, path, body) => {
    const bench = await start({ restrictUserManagement: false })
    expect(await statusOf(await bench.post(path, body))).toEqual([200, ''])
  })

  test.each<[string, Caller]>([
    ['an administrator', { kind: 'user', name: 'root', permissions: ADMIN_PERMISSIONS }],
    ['a node',           { kind: 'node' }],
  ])('these limits are not for %s', async (_says, caller) => {
    for (const [, path, body] of REFUSED) {
      const bench = await start({ authenticate: async () => caller })
      expect(await statusOf(await bench.post(path, body))).toEqual([200, ''])
    }
  })

  // Names of this form are reserved; users who had one before keep it
  test.each(['subject', 'token'] as const)('a %s does not set the password of the user with the name that it is shown by', async (kind) => {
    const name = 'root'
    const user: User = { name, admin: false, privileges: new Map(), kind, account: `of the ${kind}` }
    const { registry, post } = await start({ authenticate: async () => ({ kind: 'user', name, permissions: cluster('CreateUserAndRole'), user }) })
    const before = (await registry.getUser(name))?.hash
    const answer = await post('/user', { action: 'change-password', user: { name, password: 'taken over' } })
    expect(await statusOf(answer)).toEqual([403, JSON.stringify({ error: `${kind} ${name} may not ${ADMIN(name)}` })])
    expect((await registry.getUser(name))?.hash).toBe(before)
  })

  test('the check is on the state that the change is made for: who becomes an administrator meanwhile is not touched', async () => {
    const bench = await start()
    const { hasher, registry } = bench
    const { hash } = hasher
    hasher.hash = async function late(this: typeof hasher, ...given) {
      await registry.addUserPermissions('ann', ADMIN_PERMISSIONS)
      return hash.apply(this, given)
    }
    const answer = await bench.post('/user', user('change-password', { name: 'ann', password: 'x' }))
    expect(await statusOf(answer)).toEqual([403, JSON.stringify({ error: `user keeper may not ${ADMIN('ann')}` })])
    expect((await registry.getUser('ann'))?.hash).toBe((await registry.getUser('root'))?.hash)
  })
})

test('a user whom a manager may not create with these permissions is not there afterwards', async () => {
  const bench = await start()
  const answer = await bench.post('/user', user('create', { name: 'new', password: 'x', permissions: { '': ['KapacitorAPI', 'Monitor'] } }))
  expect([answer.status, answer.headers.get('x-kapacitor-auth-granted')]).toEqual([403, null])
  expect(await bench.registry.getUser('new')).toBeUndefined()
})

describe('D9: create on a name that is taken tells whether a password fits, and counts as an attempt', () => {
  const attempts = () => createAttempts({ interval: 3_600_000, burst: 3 })
  const guesses = async (bench: NodeBench, count: number) => {
    const statuses: number[] = []
    for (let i = 0; i < count; i++) statuses.push((await bench.post('/user', user('create', { name: 'root', password: `guess${i}` }))).status)
    return statuses
  }

  test('refused after so many wrong ones', async () => {
    const bench = await start({ attempts: attempts() })
    expect(await guesses(bench, 5)).toEqual([409, 409, 409, 429, 429])
    expect(bench.hasher.compared.length).toBe(3)
  })

  test('the right one costs nothing', async () => {
    const bench = await start({ attempts: attempts() })
    for (let i = 0; i < 5; i++) expect((await bench.post('/user', user('create', { name: 'root', password: 'secret' }))).status).toBe(200)
  })

  test('an administrator, who can read hashes, is not counted', async () => {
    const bench = await start({ attempts: attempts(), authenticate: async () => ({ kind: 'user', name: 'root', permissions: ADMIN_PERMISSIONS }) })
    expect(await guesses(bench, 5)).toEqual([409, 409, 409, 409, 409])
  })
})
