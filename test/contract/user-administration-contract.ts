import { describe, expect, test } from 'vitest'
import { CLUSTER, type Permission } from '../../src/authz/permission.js'
import type { UserAdministration } from '../../src/gateway/influxdb/users/user-administration.js'
import { ADMIN_PERMISSIONS } from '../../src/registry/first-admin.js'

const READ = new Map([['db1', new Set(['ReadData'] as const)]])
const WRITE = new Map([['db1', new Set(['WriteData'] as const)]])

/**
 * What every place where users are changed must do. It begins without users or with `admin` alone.
 *
 * @param grantByRole gives a user a role with that permission
 */
export function userAdministrationContract(open: () => Promise<{ users: UserAdministration; grantByRole(user: string): Promise<void>; hasAdmin: boolean }>): void {
  describe('users', () => {
    test('are created, found, listed in the order of their creation, and deleted', async () => {
      const { users, hasAdmin } = await open()
      expect(await users.census()).toEqual({ hasUsers: hasAdmin, hasAdministrator: hasAdmin })
      if (!hasAdmin) expect(await users.createFirstUser('admin', 'adminpw', ADMIN_PERMISSIONS)).toBe(true)
      expect(await users.createFirstUser('other', 'otherpw', ADMIN_PERMISSIONS)).toBe(false)
      expect(await users.census()).toEqual({ hasUsers: true, hasAdministrator: true })
      for (const name of ['zoe', 'ann']) await users.createUser(name, `pw of ${name}`, new Map())
      await expect(users.createUser('ann', 'x', new Map())).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
      expect((await users.users()).map(({ name }) => name)).toEqual(expect.arrayContaining(['admin', 'zoe', 'ann']))
      expect(await users.user('ann')).toMatchObject({ name: 'ann' })
      expect(await users.user('ghost')).toBeUndefined()
      await users.deleteUser('zoe')
      expect(await users.user('zoe')).toBeUndefined()
      for (const attempt of [() => users.deleteUser('ghost'), () => users.setPassword('ghost', 'x'), () => users.changePermissions('ghost', { add: READ })]) {
        await expect(attempt()).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
      }
    })

    test('have a password, which can be changed', async () => {
      const { users } = await open()
      await users.createUser('pat', 'first', new Map())
      expect([await users.isPassword('pat', 'first'), await users.isPassword('pat', 'other'), await users.isPassword('ghost', 'x')]).toEqual([true, false, false])
      await users.setPassword('pat', 'second')
      expect([await users.isPassword('pat', 'first'), await users.isPassword('pat', 'second')]).toEqual([false, true])
    })

    test('hold what they are granted and what their roles grant', async () => {
      const { users, grantByRole } = await open()
      await users.createUser('rob', 'pw of rob', new Map())
      await users.changePermissions('rob', { add: READ })
      await users.changePermissions('rob', { add: WRITE, remove: READ })
      await grantByRole('rob')
      const rob = await users.user('rob')
      expect([...(rob?.own.get('db1') ?? [])]).toEqual(['WriteData'])
      expect([...(rob?.held.get('db1') ?? [])].sort()).toEqual(['ReadData', 'WriteData'])
      expect((await users.users()).find(({ name }) => name === 'rob')?.held.get('db1')?.size).toBe(2)
    })

    test('lose what they hold on a database that is dropped, and keep the rest', async () => {
      const { users, grantByRole } = await open()
      await users.createUser('dan', 'pw of dan', new Map<string, ReadonlySet<Permission>>([...READ, ['db2', new Set(['ReadData'] as const)], [CLUSTER, new Set(['Monitor'] as const)]]))
      await grantByRole('dan')
      await users.forgetDatabase('db1')
      const { own, held } = (await users.user('dan')) as NonNullable<Awaited<ReturnType<UserAdministration['user']>>>
      expect([own.get('db1')?.size ?? 0, held.get('db1')?.size ?? 0, own.get('db2')?.size, own.get(CLUSTER)?.size]).toEqual([0, 0, 1, 1])
    })

    test('one administrator stays', async () => {
      const { users, hasAdmin } = await open()
      if (!hasAdmin) await users.createFirstUser('admin', 'adminpw', ADMIN_PERMISSIONS)
      await expect(users.deleteUser('admin')).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
      await expect(users.changePermissions('admin', { remove: ADMIN_PERMISSIONS })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
      await users.createUser('second', 'pw of second', ADMIN_PERMISSIONS)
      await users.deleteUser('admin')
      expect(await users.census()).toEqual({ hasUsers: true, hasAdministrator: true })
    })
  })
}
