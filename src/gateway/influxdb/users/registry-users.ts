import { randomUUID } from 'node:crypto'
import type { PasswordHasher } from '../../../authn/passwords/hasher.js'
import type { HashCost } from '../../../authn/passwords/password-hash.js'
import { AuthError } from '../../../errors.js'
import { heldPermissions } from '../../../registry/held-permissions.js'
import { hasAdmin } from '../../../registry/last-admin.js'
import { newUserFault } from '../../../registry/name.js'
import { createRegistry } from '../../../registry/registry.js'
import { createRegistryState } from '../../../registry/registry-state.js'
import type { Snapshot, Store } from '../../../registry/store/store.js'
import { type NamedUser, readUsers } from '../../../registry/user-record.js'
import type { StoredUser, UserAdministration } from './user-administration.js'

/** The users of the embedded meta node: its registry in this process, no wire in between. */
export function createRegistryUsers(
  store: Store,
  hasher: PasswordHasher,
  cost: HashCost,
): UserAdministration {
  const registry = createRegistry(store)

  return {
    users: () =>
      store.read(async (snapshot) => {
        const users: StoredUser[] = []
        for await (const user of createRegistryState(snapshot).usersByCreation()) {
          users.push(await stored(snapshot, user))
        }
        return users
      }),
    user: (name) =>
      store.read(async (snapshot) => {
        const user = await createRegistryState(snapshot).user(name)
        return user && stored(snapshot, user)
      }),
    async isPassword(name, password) {
      const user = await registry.getUser(name)
      return user !== undefined && hasher.compare(password, user.hash)
    },
    census: () =>
      store.read(async (snapshot) => ({
        hasUsers: await hasUsers(snapshot),
        hasAdministrator: await hasAdmin(snapshot),
      })),
    async createUser(name, password, permissions) {
      requireNewName(name)
      await registry.createUser(name, await hasher.hash(password, cost), permissions)
    },
    async createFirstUser(name, password, permissions) {
      requireNewName(name)
      const hash = await hasher.hash(password, cost)
      const claimant = randomUUID()
      if ((await registry.claimFirstUser(claimant)) !== claimant) return false
      return registry.createFirstUser(claimant, name, hash, permissions)
    },
    deleteUser: (name) => registry.deleteUser(name),
    async setPassword(name, password) {
      // An unknown user is not worth a hash
      if (!(await registry.getUser(name))) throw new AuthError('ERR_NOT_FOUND', 'user not found')
      await registry.changePassword(name, await hasher.hash(password, cost))
    },
    changePermissions: (name, change) => registry.changeUserPermissions(name, change),
    async forgetDatabase(database) {
      await registry.removeDatabasePermissions(database)
    },
    close() {},
  }
}

function requireNewName(name: string): void {
  const fault = newUserFault(name)
  if (fault) throw new AuthError('ERR_REQUEST_INVALID', `the user's name ${fault}`)
}

async function stored(snapshot: Snapshot, user: NamedUser): Promise<StoredUser> {
  const { name, permissions } = user
  return { name, own: permissions, held: await heldPermissions(snapshot, user) }
}

async function hasUsers(snapshot: Snapshot): Promise<boolean> {
  for await (const _ of readUsers(snapshot)) return true
  return false
}
