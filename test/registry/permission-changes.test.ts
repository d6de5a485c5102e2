import { describe, expect, test } from 'vitest'
import { CLUSTER, type Permission, type Permissions } from '../../src/authz/permission.js'
import { ADMIN_PERMISSIONS } from '../../src/registry/first-admin.js'
import { grantsObject } from '../../src/registry/grants.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import { createStore } from '../../src/registry/store/backend.js'
import { createMemoryBackend } from '../support/memory-backend.js'
import { openStore } from './temporary.js'

const on = (database: string, ...names: Permission[]): Permissions => new Map([[database, new Set(names)]])
const READ = on('db', 'ReadData')
const WRITE = on('db', 'WriteData')
const NOTHING = on('db', 'NoPermissions')

async function start() {
  const store = await openStore()
  return { store, registry: createRegistry(store) }
}

const grantsTo = async (registry: Registry, name: string) =>
  grantsObject((await registry.getUser(name))?.permissions ?? new Map())

describe('GRANT and REVOKE of InfluxQL as one change', () => {
  const REVOKE_READ = { add: NOTHING, remove: READ }
  test.each([
    // says                                held before                        change                           held after
    ['GRANT READ to nobody yet',           [],                                { add: READ, remove: WRITE },    { db: ['ReadData'] }],
    ['GRANT READ replaces WRITE',          ['WriteData'],                     { add: READ, remove: WRITE },    { db: ['ReadData'] }],
    ['GRANT READ replaces ALL',            ['ReadData', 'WriteData'],         { add: READ, remove: WRITE },    { db: ['ReadData'] }],
    ['what else is held stays',            ['WriteData', 'DropData'],         { add: READ, remove: WRITE },    { db: ['DropData', 'ReadData'] }],
    ['REVOKE READ of ALL leaves WRITE',    ['ReadData', 'WriteData'],         REVOKE_READ,                     { db: ['NoPermissions', 'WriteData'] }],
    ['REVOKE leaves a row',                ['ReadData'],                      REVOKE_READ,                     { db: ['NoPermissions'] }],
    ['REVOKE of nothing makes a row',      [],                                REVOKE_READ,                     { db: ['NoPermissions'] }],
    ['in both is revoked',                 ['WriteData'],                     { add: READ, remove: READ },     { db: ['WriteData'] }],
    ['nothing at all',                     ['WriteData'],                     {},                              { db: ['WriteData'] }],
  ] as [string, Permission[], { add?: Permissions, remove?: Permissions }, object][])('%s', async (_says, before, change, after) => {
    const { registry } = await start()
    await registry.createUser('ann', 'hash', new Map([...on('db', ...before), ...on('other', 'ReadData')]))
    const index = await registry.index()
    await registry.changeUserPermissions('ann', change)
    expect(await grantsTo(registry, 'ann')).toEqual({ ...after, other: ['ReadData'] })
    expect(await registry.index() - index).toBeLessThanOrEqual(1)
  })

  test.each([
    ['an unknown user',         'zoe', { add: READ },                  'ERR_NOT_FOUND'],
    ['the last administrator',  'ann', { remove: ADMIN_PERMISSIONS },  'ERR_CONFLICT'],
  ])('refused: %s', async (_says, name, change, code) => {
    const { registry } = await start()
    await registry.createUser('ann', 'hash', ADMIN_PERMISSIONS)
    await expect(registry.changeUserPermissions(name, change)).rejects.toMatchObject({ code })
    expect(await grantsTo(registry, 'ann')).toEqual(grantsObject(ADMIN_PERMISSIONS))
  })
})

describe('DROP DATABASE takes all permissions on it', () => {
  const some: Permissions = new Map([...on('db', 'ReadData'), ...on('other', 'ReadData'), ...on(CLUSTER, 'Monitor')])
  const left = { '': ['Monitor'], other: ['ReadData'] }

  async function fill(registry: Registry) {
    for (const name of ['ann', 'bob', 'carl', 'dora']) await registry.createUser(name, 'hash', some)
    await registry.createUser('eve', 'hash', on('other', 'WriteData'))
    await registry.createUser('fred', 'hash', NOTHING)
    await registry.createRole('ops')
    await registry.addRolePermissions('ops', some)
    await registry.createRole('dev')
  }

  test.each([
    // says                                            how many writes a change may hold
    ['in one change where a change holds all of it',   Number.POSITIVE_INFINITY],
    ['in several where it does not',                   4],
  ])('of users and roles, %s', async (_says, maxWrites) => {
    const registry = createRegistry(createStore(createMemoryBackend({ index: 1, entries: new Map() }, maxWrites), 1_000))
    await fill(registry)
    expect(await registry.removeDatabasePermissions('db')).toBe(6)
    for (const name of ['ann', 'bob', 'carl', 'dora']) expect(await grantsTo(registry, name)).toEqual(left)
    expect(await grantsTo(registry, 'eve')).toEqual({ other: ['WriteData'] })
    expect(await grantsTo(registry, 'fred')).toBeUndefined()
    const role = await registry.read((state) => state.role('ops'))
    expect(grantsObject(role?.permissions ?? new Map())).toEqual(left)
    const index = await registry.index()
    expect(await registry.removeDatabasePermissions('db')).toBe(0)
    expect(await registry.index()).toBe(index)
  })

  test.each(['', 'a\nb', 'x'.repeat(256)])('refused: %j is not the name of a database', async (name) => {
    const { registry } = await start()
    await registry.createUser('ann', 'hash', ADMIN_PERMISSIONS)
    await expect(registry.removeDatabasePermissions(name)).rejects.toMatchObject({ code: 'ERR_REQUEST_INVALID' })
    expect(await grantsTo(registry, 'ann')).toEqual(grantsObject(ADMIN_PERMISSIONS))
  })
})

test('users are listed in the order of their creation, which changes of them leave alone', async () => {
  const { registry } = await start()
  const byCreation = () => registry.read(async (state) => {
    const names = []
    for await (const { name } of state.usersByCreation()) names.push(name)
    return names
  })
  for (const name of ['zoe', 'bob', 'ann']) await registry.createUser(name, 'hash')
  expect(await byCreation()).toEqual(['zoe', 'bob', 'ann'])
  await registry.changePassword('zoe', 'other')
  await registry.changeUserPermissions('zoe', { add: READ })
  expect(await byCreation()).toEqual(['zoe', 'bob', 'ann'])
  await registry.deleteUser('bob')
  await registry.createUser('bob', 'hash')
  expect(await byCreation()).toEqual(['zoe', 'ann', 'bob'])
})
