import { describe, expect, test } from 'vitest'
import { ADMIN_PERMISSIONS } from '../../src/registry/first-admin.js'
import { parseExportedRoles, parseExportedUsers } from '../../src/registry/import/import-documents.js'
import { type ImportOptions, importRegistry } from '../../src/registry/import/import-registry.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import { createStore } from '../../src/registry/store/backend.js'
import type { Store } from '../../src/registry/store/store.js'
import { createMemoryBackend } from '../support/memory-backend.js'
import { openStore } from './temporary.js'

const HASH = '$2a$10$'.padEnd(60, 'x')
const EVERY = [...(ADMIN_PERMISSIONS.get('') ?? [])].map((name) => (name === 'WriteData' ? '9' : name))
const USERS = JSON.stringify({ users: [{ name: 'admin', hash: HASH, permissions: { '': EVERY } }, { name: 'ann', hash: HASH, permissions: { db: ['9'] } }, { name: 'ldap', permissions: null }] })
const ROLES = JSON.stringify({ roles: [{ name: 'ops', permissions: { '': ['Monitor'] }, users: ['ann', 'ldap'] }, { name: 'none' }] })
const exported = (users = USERS, roles = ROLES) => ({ users: parseExportedUsers(users), roles: parseExportedRoles(roles) })
const OPTIONS: ImportOptions = { existing: 'refuse', dryRun: false, withoutAdmin: false }

/** Name → hash, own and joined permissions; and roles. */
const stateOf = (store: Store) => createRegistry(store).read(async (state) => {
  const found: unknown[] = []
  for await (const { name, hash, permissions } of state.users()) found.push([name, hash, name === 'admin' ? permissions.get('')?.size : [...permissions].map(([db, names]) => [db, ...names])])
  for await (const role of state.roles()) {
    const users: string[] = []
    for await (const user of role.users()) users.push(user)
    found.push([role.name, [...role.permissions].map(([db, names]) => [db, ...names]), users])
  }
  return found
})

const IMPORTED = [['admin', HASH, 18], ['ann', HASH, [['db', 'WriteData']]], ['ldap', '', []], ['none', [], []], ['ops', [['', 'Monitor']], ['ann', 'ldap']]]

describe.each<[string, () => Promise<Store>]>([
  ['lmdb', () => openStore()],
  ['a store whose changes hold 4 keys', async () => createStore(createMemoryBackend({ index: 1, entries: new Map() }, 6), 1_000)],
])('an import into %s', (_name, open) => {
  test('makes users and roles as they are exported, and can be repeated', async () => {
    const store = await open()
    const dry = await importRegistry(store, exported(), { ...OPTIONS, dryRun: true })
    expect(await stateOf(store)).toEqual([])
    const plan = await importRegistry(store, exported(), OPTIONS)
    expect(plan.steps.map(({ says }) => says)).toEqual(['create user "admin"', 'create user "ann"', 'create user "ldap"', 'create role "ops"', 'add "ann" to role "ops"', 'add "ldap" to role "ops"', 'create role "none"'])
    expect(dry.steps.map(({ says }) => says)).toEqual(plan.steps.map(({ says }) => says))
    expect(await stateOf(store)).toEqual(IMPORTED)
    const again = await importRegistry(store, exported(), OPTIONS)
    expect([again.steps, again.same]).toEqual([[], 5])
  })

  describe('where somebody is there already', () => {
    async function changed(): Promise<Store> {
      const store = await open()
      await importRegistry(store, exported(), OPTIONS)
      const registry = createRegistry(store)
      await registry.createUser('bob', HASH)
      await registry.changePassword('ann', 'other')
      await registry.addRoleUsers('ops', ['bob'])
      await registry.removeRoleUsers('ops', ['ldap'])
      await registry.addRolePermissions('none', new Map([['', new Set(['Monitor'])]]))
      return store
    }
    const CHANGED = [['admin', HASH, 18], ['ann', 'other', [['db', 'WriteData']]], ['bob', HASH, []], ['ldap', '', []], ['none', [['', 'Monitor']], []], ['ops', [['', 'Monitor']], ['ann', 'bob']]]

    test('is refused, with all names', async () => {
      const store = await changed()
      await expect(importRegistry(store, exported(), OPTIONS)).rejects.toMatchObject({ code: 'ERR_CONFLICT', message: expect.stringContaining('already there, and not the same: user "ann", role "ops", role "none"; give --replace') })
      expect(await stateOf(store)).toEqual(CHANGED)
    })

    test('leaves them when told to skip', async () => {
      const store = await changed()
      const plan = await importRegistry(store, exported(), { ...OPTIONS, existing: 'skip' })
      expect(plan.skipped).toEqual(['user "ann"', 'role "ops"', 'role "none"'])
      expect(await stateOf(store)).toEqual(CHANGED)
    })

    test('makes them as exported when told to replace, and leaves others alone', async () => {
      const store = await changed()
      await importRegistry(store, exported(), { ...OPTIONS, existing: 'replace' })
      expect(await stateOf(store)).toEqual([...IMPORTED.slice(0, 2), ['bob', HASH, []], ...IMPORTED.slice(2)])
    })

    test('never loses the last administrator', async () => {
      const store = await changed()
      const weak = exported(JSON.stringify({ users: [{ name: 'admin', hash: HASH }] }), '{}')
      await expect(importRegistry(store, weak, { ...OPTIONS, existing: 'replace', withoutAdmin: true })).rejects.toMatchObject({ code: 'ERR_CONFLICT', message: 'cannot import: that would remove the last administrator' })
      expect(await stateOf(store)).toEqual(CHANGED)
    })
  })

  test('A9: an import that leaves nobody as administrator is made only when asked for', async () => {
    const store = await open()
    const users = JSON.stringify({ users: ['ann', 'bob', 'carl', 'dora'].map((name) => ({ name, hash: HASH })) })
    await expect(importRegistry(store, exported(users, '{}'), { ...OPTIONS, dryRun: true })).rejects.toThrow(/--without-admin/)
    await expect(importRegistry(store, exported(users, '{}'), OPTIONS)).rejects.toThrow(/--without-admin/)
    expect(await stateOf(store)).toEqual([])
    await importRegistry(store, exported(users, '{}'), { ...OPTIONS, withoutAdmin: true })
    expect((await stateOf(store)).length).toBe(4)
  })

  test('names the members that are nobody', async () => {
    const store = await open()
    const roles = JSON.stringify({ roles: [{ name: 'ops', users: ['bob', 'ann', 'eve'] }] })
    await expect(importRegistry(store, exported(USERS, roles), OPTIONS)).rejects.toThrow('members that are not users: "bob" of role "ops", "eve" of role "ops"')
    expect(await stateOf(store)).toEqual([])
  })
})

describe('A9: what another node changes while an import is made in several changes is not overwritten', () => {
  /** Somebody else's change comes between the plan and the first change, or the first and the second. */
  async function overtaken(when: number, change: (other: Registry) => Promise<unknown>, existing: ImportOptions['existing']) {
    const backend = createMemoryBackend({ index: 1, entries: new Map() }, 6)
    const store = createStore(backend, 1_000)
    const registry = createRegistry(store)
    await registry.createUser('ann', 'own', new Map([['db', new Set(['ReadData'] as const)]]))
    let turn = 0
    const racing: Store = { ...store, change: async (work) => {
      if (turn++ === when) await change(registry)
      return store.change(work)
    } }
    const error = await importRegistry(racing, exported(), { ...OPTIONS, existing }).catch((reason: Error) => reason)
    return { error, registry }
  }
  const CHANGED = 'was changed by somebody else during the import; '

  test.each([
    // says                                  when  the other's change                                            message
    ['a new password',                       0,    (r: Registry) => r.changePassword('ann', 'other'),            `user "ann" ${CHANGED}0 of 7 changes were made: repeat the import`],
    ['a permission',                         0,    (r: Registry) => r.addUserPermissions('ann', new Map([['x', new Set(['ReadData'] as const)]])), `user "ann" ${CHANGED}0 of 7 changes were made: repeat the import`],
    ['a user of that name',                  0,    (r: Registry) => r.createUser('ldap', 'other'),               `user "ldap" ${CHANGED}2 of 7 changes were made: repeat the import`],
    ['a role of that name',                  1,    (r: Registry) => r.createRole('ops'),                         `role "ops" ${CHANGED}3 of 7 changes were made: repeat the import`],
    ['a user who is gone again',             2,    (r: Registry) => r.deleteUser('ldap'),                        `user "ldap" ${CHANGED}`],
  ])('%s', async (_says, when, change, message) => {
    const { error, registry } = await overtaken(when, change, 'replace')
    expect(error).toMatchObject({ code: 'ERR_CONFLICT', message: expect.stringContaining(message) })
    expect((await registry.getUser('ann'))?.hash).toBe(when > 0 || message.includes('ldap') ? HASH : _says === 'a permission' ? 'own' : 'other')
  })

  test('a user who was deleted meanwhile is not made again', async () => {
    const { error, registry } = await overtaken(0, (r) => r.deleteUser('ann'), 'replace')
    expect(error).toMatchObject({ code: 'ERR_CONFLICT' })
    expect(await registry.getUser('ann')).toBeUndefined()
  })
})

describe('what is not an export is refused', () => {
  test.each<[string, string, string]>([
    ['nothing',                    '',                                                             'not JSON: line 1, column 1: it ends too early'],
    ['roles for users',            '{"roles":[]}',                                                 '{"users":[…]} is expected, as GET /user answers'],
    ['an error for users',         '{"error":"user not found"}',                                   '{"users":[…]} is expected, as GET /user answers'],
    ['not a list',                 '{"users":{}}',                                                 '{"users":[…]} is expected, as GET /user answers'],
    ['not a user',                 '{"users":["ann"]}',                                            'a user is not an object'],
    ['a user without a name',      '{"users":[{"hash":"x"}]}',                                     '"name" is missing'],
    ['a user twice',               '{"users":[{"name":"a"},{"name":"a"}]}',                        'user "a" is there twice'],
    ['an impossible name',         '{"users":[{"name":"a\\u0000"}]}',                              'the name of a user holds a control character'],
    ['not a hash',                 '{"users":[{"name":"a","hash":1}]}',                            'user "a": "hash" must be a text in double quotes'],
    ['an unknown permission',      '{"users":[{"name":"a","permissions":{"":["Monitr"]}}]}',       'user "a": unknown permission "Monitr", did you mean "Monitor"?'],
    ['permissions of old nodes',   '{"users":[{"name":"a","permissions":{"":["10"]}}]}',           'user "a": unknown permission "10"'],
  ])('%s', (_says, text, message) => {
    expect(() => parseExportedUsers(text)).toThrow(message)
  })

  test('and none at all is an empty one', () => {
    expect([parseExportedUsers('{}'), parseExportedUsers('{"users":null}'), parseExportedRoles('{"roles":[]}')]).toEqual([[], [], []])
  })
})
