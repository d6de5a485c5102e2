import type { Directory } from '../authn/directory/directory.js'
import { createGrantedAccounts } from '../authn/directory/granted-accounts.js'
import { createSharedPermissions } from '../authn/directory/shared-permissions.js'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import type { Grant } from '../authz/grant.js'
import { concerned } from './concerned.js'
import { roleIdsOf } from './membership.js'
import { createRegistryState } from './registry-state.js'
import { createRoleNames } from './role-names.js'
import { readGrants } from './role-record.js'
import type { Snapshot, Store } from './store/store.js'

const ANYBODY = [undefined]

/**
 * The registry of this process as a directory, for the gateway beside it: no wire in between. A change is
 * reported to watchers before it is acknowledged, so it takes effect at once; another process's soon after.
 */
export function createStoreDirectory(store: Store, hasher: PasswordHasher): Directory {
  const roleName = createRoleNames()
  const grantedAccount = createGrantedAccounts()
  const share = createSharedPermissions()

  /** What each role grants that the user is in. */
  async function grantsOf(snapshot: Snapshot, user: string): Promise<readonly Grant[]> {
    const grants: Grant[] = []
    for await (const id of roleIdsOf(snapshot, user)) {
      const permissions = await readGrants(snapshot, id)
      if (!permissions) continue
      const role = (await roleName(snapshot, id)) ?? id
      grants.push({ role, permissions: share(id, permissions) })
    }
    return grants
  }

  return {
    async find(name) {
      const found = await store.read(async (snapshot) => {
        const user = await createRegistryState(snapshot).user(name)
        return user && { user, roles: await grantsOf(snapshot, name) }
      })
      return found && grantedAccount(found.user, found.roles)
    },

    async checkPassword(name, password) {
      const user = await store.read((snapshot) => createRegistryState(snapshot).user(name))
      return user !== undefined && hasher.compare(password, user.hash, { requester: { name } })
    },

    watch(listener) {
      return store.watch(async (change) => {
        const names = store.read((snapshot) => concerned(snapshot, [change]))
        for (const name of (await names.catch(() => undefined)) ?? ANYBODY) listener(name)
      })
    },
  }
}
