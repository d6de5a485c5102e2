import type { Account, Directory, Found } from '../authn/directory/directory.js'
import { findByKey } from '../authn/directory/find-by-key.js'
import { createGrantedAccounts } from '../authn/directory/granted-accounts.js'
import { createSharedPermissions } from '../authn/directory/shared-permissions.js'
import { createSubscriptionAccount, createTokenAccount } from '../authn/directory/token-account.js'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import type { Grant } from '../authz/grant.js'
import { isRefused } from '../token/refused-token.js'
import { concerned } from './concerned.js'
import { roleIdsOf } from './membership.js'
import { createRegistryState } from './registry-state.js'
import { createRoleNames } from './role-names.js'
import { readGrants, readRole } from './role-record.js'
import type { Snapshot, Store } from './store/store.js'
import { grantedByToken } from './tokens/granted-by-token.js'
import { createTokenUses, noteTokenUse } from './tokens/note-token-use.js'
import { readSubscription } from './tokens/subscription-record.js'
import { usableSubscription } from './tokens/usable-subscription.js'

const ANYBODY = [undefined]

/**
 * The registry of this process as a directory, for the gateway beside it: no wire in between. A change is
 * reported to watchers before it is acknowledged, so it takes effect at once; another process's soon after.
 *
 * @param now milliseconds since 1970, for the expiry of tokens
 */
export function createStoreDirectory(
  store: Store,
  hasher: PasswordHasher,
  now: () => number = Date.now,
): Directory {
  const roleName = createRoleNames()
  const grantedAccount = createGrantedAccounts()
  const share = createSharedPermissions()
  const uses = createTokenUses(
    (digests) => store.change((draft) => noteTokenUse(draft, digests, now())),
    now,
  )

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

  async function findUser(name: string): Promise<Account | undefined> {
    const found = await store.read(async (snapshot) => {
      const user = await createRegistryState(snapshot).user(name)
      return user && { user, roles: await grantsOf(snapshot, name) }
    })
    return found && grantedAccount(found.user, found.roles)
  }

  async function findToken(digest: string): Promise<Found> {
    const found = await store.read((snapshot) =>
      grantedByToken(createRegistryState(snapshot), digest, now()),
    )
    if (isRefused(found)) return found
    uses.note(digest, found.lastUsedAt)
    return createTokenAccount({ ...found, permissions: share(found.id, found.permissions) })
  }

  async function findSubscription(digest: string): Promise<Found> {
    const record = await store.read((snapshot) => readSubscription(snapshot, digest))
    const found = usableSubscription(record)
    if (isRefused(found)) return found
    uses.note(digest, found.lastUsedAt)
    return createSubscriptionAccount(found)
  }

  return {
    find: findByKey({ user: findUser, token: findToken, subscription: findSubscription }),

    async role(name) {
      const role = await store.read((snapshot) => readRole(snapshot, name))
      return role && share(role.id, role.permissions)
    },

    async checkPassword(name, password) {
      const user = await store.read((snapshot) => createRegistryState(snapshot).user(name))
      return user !== undefined && hasher.compare(password, user.hash, { requester: { name } })
    },

    watch(listener) {
      return store.watch(async (change) => {
        const keys = store.read((snapshot) => concerned(snapshot, [change]))
        for (const key of (await keys.catch(() => undefined)) ?? ANYBODY) listener(key)
      })
    },
  }
}
