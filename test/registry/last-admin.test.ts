import { describe, expect, test } from 'vitest'
import { CLUSTER, PERMISSIONS, type Permission, type Permissions } from '../../src/authz/permission.js'
import { ADMIN_PERMISSIONS } from '../../src/registry/first-admin.js'
import { createRegistry, type Registry } from '../../src/registry/registry.js'
import { openStore } from './temporary.js'

const cluster = (...names: Permission[]): Permissions => new Map([[CLUSTER, new Set(names)]])
const EVERY = PERMISSIONS.filter((name) => name !== 'NoPermissions')
const HALF = EVERY.slice(0, 9)
const OTHER_HALF = EVERY.slice(9)

/** Ways to be an administrator. Each makes `ann` the only one. */
const ways: Record<string, (r: Registry) => Promise<void>> = {
  async 'by own permissions'(r) {
    await r.createUser('ann', 'hash', ADMIN_PERMISSIONS)
  },
  async 'through a role'(r) {
    await r.createUser('ann', 'hash')
    await r.createRole('admins')
    await r.addRolePermissions('admins', ADMIN_PERMISSIONS)
    await r.addRoleUsers('admins', ['ann'])
  },
  async 'half by their own, half through a role'(r) {
    await r.createUser('ann', 'hash', cluster(...HALF))
    await r.createRole('admins')
    await r.addRolePermissions('admins', cluster(...OTHER_HALF))
    await r.addRoleUsers('admins', ['ann'])
  },
  async 'half by their own, half through a role, the other way round'(r) {
    await r.createUser('ann', 'hash', cluster(...OTHER_HALF))
    await r.createRole('admins')
    await r.addRolePermissions('admins', cluster(...HALF))
    await r.addRoleUsers('admins', ['ann'])
  },
  async 'through two roles'(r) {
    await r.createUser('ann', 'hash')
    await r.createRole('admins')
    await r.createRole('rest')
    await r.addRolePermissions('admins', cluster(...HALF))
    await r.addRolePermissions('rest', cluster(...OTHER_HALF))
    await r.addRoleUsers('admins', ['ann'])
    await r.addRoleUsers('rest', ['ann'])
  },
}

const own = ['by own permissions', 'half by their own, half through a role', 'half by their own, half through a role, the other way round']
const byRole = Object.keys(ways).slice(1)

/** Ways to lose one, and who can be lost by them. */
const losses: [string, (r: Registry) => Promise<void>, string[]][] = [
  ['deleting ann',                        (r) => r.deleteUser('ann'),                                          Object.keys(ways)],
  ['removing a permission of hers',       (r) => r.removeUserPermissions('ann', ADMIN_PERMISSIONS),            own],
  ['deleting the role',                   (r) => r.deleteRole('admins'),                                       byRole],
  ["removing a role's permission",        (r) => r.removeRolePermissions('admins', cluster('Monitor', 'ViewAdmin')), byRole],
  ['taking ann out of the role',          (r) => r.removeRoleUsers('admins', ['bob', 'ann']),                  byRole],
]

/** Others who are nearly administrators, and get in the way of the search. */
async function addOthers(r: Registry) {
  await r.createUser('aaron', 'hash', cluster(...EVERY.slice(1)))
  await r.createUser('bob', 'hash', cluster('CopyShard'))
  await r.createUser('zoe', 'hash', new Map([['db', new Set(EVERY)]]))
  await r.createRole('nearly')
  await r.addRolePermissions('nearly', cluster(...EVERY.slice(1)))
  await r.addRoleUsers('nearly', ['zoe', 'bob'])
}

for (const [how, make] of Object.entries(ways)) {
  describe(`an administrator ${how}`, () => {
    for (const [what, lose, who] of losses) {
      if (!who.includes(how)) continue
      test(`is not lost by ${what}`, async () => {
        const registry = createRegistry(await openStore())
        await make(registry)
        await addOthers(registry)
        const before = await registry.getAccount('ann')
        await expect(lose(registry)).rejects.toMatchObject({ code: 'ERR_CONFLICT', message: expect.stringMatching(/^cannot .*"(ann|admins)": that would remove the last administrator$/) })
        expect(await registry.getAccount('ann')).toEqual(before)
      })

      test.each(Object.keys(ways).slice(0, 1))(`may be lost by ${what} when there is another %s`, async () => {
        const registry = createRegistry(await openStore())
        await make(registry)
        await addOthers(registry)
        await registry.createUser('carl', 'hash', cluster('Monitor'))
        await registry.createRole('more')
        await registry.addRolePermissions('more', ADMIN_PERMISSIONS)
        await registry.addRoleUsers('more', ['carl'])
        await lose(registry)
        await expect(registry.deleteUser('carl')).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
      })
    }

    test('is not in the way of other changes', async () => {
      const registry = createRegistry(await openStore())
      await make(registry)
      await addOthers(registry)
      await registry.removeUserPermissions('ann', new Map([['db', new Set(EVERY)]]))
      await registry.removeUserPermissions('aaron', ADMIN_PERMISSIONS)
      await registry.deleteUser('bob')
      await registry.removeRolePermissions('nearly', ADMIN_PERMISSIONS)
      await registry.deleteRole('nearly')
      await registry.changePassword('ann', 'new')
      await registry.renameRole('admins', 'owners').catch((error) => expect(error.code).toBe('ERR_NOT_FOUND'))
    })
  })
}

test('a registry that has no administrator may be changed freely', async () => {
  const registry = createRegistry(await openStore())
  await addOthers(registry)
  await registry.removeUserPermissions('aaron', ADMIN_PERMISSIONS)
  await registry.deleteRole('nearly')
  for (const name of ['aaron', 'bob', 'zoe']) await registry.deleteUser(name)
})

test('a user without NoPermissions is an administrator all the same', async () => {
  const registry = createRegistry(await openStore())
  await registry.createUser('ann', 'hash', cluster(...PERMISSIONS))
  await registry.removeUserPermissions('ann', cluster('NoPermissions'))
  await expect(registry.deleteUser('ann')).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
})
