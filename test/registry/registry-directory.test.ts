import { expect, test } from 'vitest'
import { roleKey } from '../../src/authn/directory/account-key.js'
import type { Permission, Permissions } from '../../src/authz/permission.js'
import { createRegistry } from '../../src/registry/registry.js'
import { createStoreDirectory } from '../../src/registry/registry-directory.js'
import { accountIn } from '../support/account-in.js'
import { createTestHasher } from './node-bench.js'
import { openStore } from './temporary.js'

const on = (scope: string, ...names: Permission[]): Permissions => new Map([[scope, new Set(names)]])

async function open() {
  const store = await openStore()
  const registry = createRegistry(store)
  const hasher = createTestHasher()
  const directory = createStoreDirectory(store, hasher)
  await registry.createUser('ann', await hasher.hash('secret', 4), on('', 'Monitor'))
  await registry.createUser('bob', 'hash')
  await registry.createRole('ops')
  await registry.createRole('dev')
  await registry.addRolePermissions('ops', on('', 'KapacitorAPI'))
  await registry.addRolePermissions('dev', on('db', 'ReadData'))
  await registry.addRoleUsers('ops', ['ann'])
  await registry.addRoleUsers('dev', ['ann'])
  return { store, registry, hasher, directory }
}

test('finds an account with what the user and the roles are granted', async () => {
  const { directory, registry } = await open()
  const account = accountIn(await directory.find('ann'))
  expect(account?.user.name).toBe('ann')
  expect(account?.user.admin).toBe(false)
  expect(account?.hash).toBe((await registry.getUser('ann'))?.hash)
  expect(account?.permissions).toEqual(new Map([['', new Set(['Monitor', 'KapacitorAPI'])], ['db', new Set(['ReadData'])]]))
  expect(account?.user.privileges.get('/api')).toBe(7)
  expect(account?.user.privileges.get('/database/db_clean')).toBe(1)
})

test.each(['carl', '', 'ANN', 'ann\0', '__proto__', 'x'.repeat(5_000), '\ud800'])('finds nobody of the name %j', async (name) => {
  const { directory } = await open()
  expect(await directory.find(name)).toBeUndefined()
  expect(await directory.checkPassword(name, 'secret')).toBe(false)
})

test('checks passwords', async () => {
  const { directory } = await open()
  expect(await directory.checkPassword('ann', 'secret')).toBe(true)
  expect(await directory.checkPassword('ann', 'Secret')).toBe(false)
  expect(await directory.checkPassword('bob', 'hash')).toBe(false)
})

test('does not find what is gone', async () => {
  const { directory, registry } = await open()
  await registry.deleteRole('ops')
  expect(accountIn(await directory.find('ann'))?.permissions.get('')).toEqual(new Set(['Monitor']))
  await registry.createRole('ops')
  await registry.addRolePermissions('ops', on('', 'CopyShard'))
  expect(accountIn(await directory.find('ann'))?.permissions.get('')).toEqual(new Set(['Monitor'])) // a new role of an old name
  await registry.deleteUser('ann')
  expect(await directory.find('ann')).toBeUndefined()
  await registry.createUser('ann', 'hash2')
  expect(accountIn(await directory.find('ann'))?.permissions).toEqual(new Map()) // a new user of an old name
})

type Registry = ReturnType<typeof createRegistry>

test.each<[string, (r: Registry) => Promise<unknown>, (string | undefined)[]]>([
  ['a new user',                        (r) => r.createUser('carl', 'hash'),                              ['carl']],
  ['a new password',                    (r) => r.changePassword('ann', 'hash'),                           ['ann']],
  ['the same password hash',            (r) => r.changePassword('bob', 'hash'),                           []],
  ['permissions of a user',             (r) => r.addUserPermissions('bob', on('db', 'ReadData')),         ['bob']],
  ['permissions that were there',       (r) => r.addUserPermissions('ann', on('', 'Monitor')),            []],
  ['fewer permissions of a user',       (r) => r.removeUserPermissions('ann', on('', 'Monitor')),         ['ann']],
  ['a user that goes',                  (r) => r.deleteUser('ann'),                                       ['ann']],
  ['a new role',                        (r) => r.createRole('new'),                                       [roleKey('new')]],
  ['permissions of a role',             (r) => r.addRolePermissions('ops', on('', 'DropData')),           ['ann', roleKey('ops')]],
  ['fewer permissions of a role',       (r) => r.removeRolePermissions('ops', on('', 'KapacitorAPI')),    ['ann', roleKey('ops')]],
  ['another name for a role',           (r) => r.renameRole('ops', 'operators'),                          [roleKey('operators'), roleKey('ops')]],
  ['new members',                       (r) => r.addRoleUsers('ops', ['ann', 'bob']),                     ['bob']],
  ['fewer members',                     (r) => r.removeRoleUsers('ops', ['ann', 'bob']),                  ['ann']],
  ['a role that goes',                  (r) => r.deleteRole('ops'),                                       ['ann', roleKey('ops')]],
  ['a change that is refused',          (r) => r.createRole('ops').catch(() => {}),                       []],
])('tells of %s, before it is acknowledged', async (_says, change, expected) => {
  const { directory, registry } = await open()
  const heard: (string | undefined)[] = []
  directory.watch?.((name) => heard.push(name))
  await change(registry)
  expect(heard).toEqual(expected)
})

test('by the time that it tells, the account is as it is now', async () => {
  const { directory, registry } = await open()
  let found: Promise<unknown> | undefined
  directory.watch?.((name) => { if (name === 'ann') found = directory.find(name) })
  await registry.removeRolePermissions('ops', on('', 'KapacitorAPI'))
  expect(((await found) as { permissions: Permissions }).permissions.get('')).toEqual(new Set(['Monitor']))
})

test.each([[1_000, 1_000], [1_001, 1]])('of a role with %i members it tells %i times', async (members, times) => {
  const { directory, registry, store } = await open()
  await registry.createRole('many')
  const names = Array.from({ length: members }, (_, i) => `user${i}`)
  await store.change((d) => { for (const name of names) d.put(['user', name], { hash: 'hash' }) })
  const heard: (string | undefined)[] = []
  await registry.addRoleUsers('many', names)
  directory.watch?.((name) => { if (name !== roleKey('many')) heard.push(name) })
  for (const change of [
    () => registry.addRolePermissions('many', on('', 'Monitor')),
    () => registry.removeRoleUsers('many', names),
    () => registry.addRoleUsers('many', names),
    () => registry.deleteRole('many'),
  ]) {
    heard.length = 0
    await change()
    expect(heard.length).toBe(times)
    expect(new Set(heard)).toEqual(new Set(times === 1 ? [undefined] : names))
  }
})

test('tells that anybody may have changed when it cannot find out who', async () => {
  const { directory, registry, store } = await open()
  const heard: (string | undefined)[] = []
  directory.watch?.((name) => heard.push(name))
  const { read } = store
  store.read = () => Promise.reject(new Error('no'))
  await registry.deleteUser('ann')
  store.read = read
  expect(heard).toEqual([undefined])
})

test('tells nobody who has stopped listening', async () => {
  const { directory, registry } = await open()
  const heard: unknown[] = []
  directory.watch?.((name) => heard.push(name))()
  await registry.deleteUser('ann')
  expect(heard).toEqual([])
})

test('says where permissions come from, by the names that roles have now', async () => {
  const { directory, registry } = await open()
  const told = async (name: string) => accountIn(await directory.find(name))?.grants?.map(({ role, permissions }) => [role, permissions])
  const roles = async (name: string) => (await told(name))?.map(([role]) => role).sort()
  expect(new Map(await told('ann') as [string, Permissions][])).toEqual(new Map<string | undefined, Permissions>([
    [undefined, on('', 'Monitor')], ['ops', on('', 'KapacitorAPI')], ['dev', on('db', 'ReadData')],
  ]))
  expect(await told('bob')).toBeUndefined()
  await registry.renameRole('ops', 'operators')
  expect(await roles('ann')).toEqual(['dev', 'operators', undefined])
  await registry.createRole('ops') // a new role of an old name
  expect(await roles('ann')).toEqual(['dev', 'operators', undefined])
  await registry.deleteRole('dev')
  await registry.createRole('dev')
  expect(await roles('ann')).toEqual(['operators', undefined])
  await registry.addRolePermissions('operators', on('x', 'WriteData'))
  expect((await told('ann'))?.[1]?.[1]).toEqual(new Map([['', new Set(['KapacitorAPI'])], ['x', new Set(['WriteData'])]]))
})

test('accounts share what a role grants', async () => {
  const { directory, registry } = await open()
  await registry.addRoleUsers('ops', ['bob'])
  const of = async (name: string) => accountIn(await directory.find(name))?.grants?.find(({ role }) => role === 'ops')?.permissions
  expect(await of('ann')).toBeDefined()
  expect(await of('ann')).toBe(await of('bob'))
})
