import { createAccount } from '../authn/account.js'
import type { Directory } from '../authn/directory.js'
import type { PasswordHasher } from '../authn/hasher.js'
import { createSharedPermissions } from '../authn/shared-permissions.js'
import { joinPermissions } from '../authz/permission.js'
import type { Milliseconds } from '../time.js'
import { grantsOf } from './grants-of.js'
import { MEMBERS, membersOf } from './membership.js'
import { createRegistryState } from './registry-state.js'
import { createRoleNames } from './role-names.js'
import { GRANTS } from './role-record.js'
import type { Snapshot, Store, StoreChange } from './store.js'
import { USERS } from './user-record.js'

/** A change that concerns more users than this concerns «any» of them: it is cheaper to ask anew. */
const MOST_NAMES = 1_000
const ANYBODY = [undefined]

/** How often it is looked whether another process has changed the store: each hears of its own changes only. */
const LOOK: Milliseconds = 250

/**
 * The registry of this process as a directory, for the gateway beside it: no wire in between. A change is
 * told to watchers before it is acknowledged, so it takes effect at once; another process's within a quarter second.
 */
export function createStoreDirectory(store: Store, hasher: PasswordHasher): Directory {
  const roleName = createRoleNames()
  const share = createSharedPermissions()

  return {
    async find(name) {
      const found = await store.read(async (snapshot) => {
        const user = await createRegistryState(snapshot).user(name)
        return user && { user, roles: await grantsOf(snapshot, name, roleName, share) }
      })
      if (!found) return undefined
      const { user, roles } = found
      if (roles.length === 0) return createAccount(name, user.hash, user.permissions)
      const grants = [{ role: undefined, permissions: user.permissions }, ...roles]
      const permissions = joinPermissions(grants.map((grant) => grant.permissions))
      return createAccount(name, user.hash, permissions, grants)
    },

    async checkPassword(name, password) {
      const user = await store.read((snapshot) => createRegistryState(snapshot).user(name))
      return user !== undefined && hasher.compare(password, user.hash)
    },

    watch(listener) {
      let seen: number | undefined
      const unwatch = store.watch(async (change) => {
        const names = store.read((snapshot) => concerned(snapshot, change))
        for (const name of await names.catch(() => ANYBODY)) listener(name)
        if (seen !== undefined && change.index > seen + 1) listener(undefined)
        seen = Math.max(seen ?? 0, change.index)
      })
      const timer = setInterval(async () => {
        const index = await store.read((snapshot) => snapshot.index).catch(() => seen ?? 0)
        if (seen !== undefined && index > seen) listener(undefined)
        seen = Math.max(seen ?? 0, index)
      }, LOOK).unref()
      return () => {
        clearInterval(timer)
        unwatch()
      }
    },
  }
}

/** The users that are not as they were; `ANYBODY` if they are too many to name. */
async function concerned(
  snapshot: Snapshot,
  { keys, isWhole }: StoreChange,
): Promise<Iterable<string | undefined>> {
  if (isWhole) return ANYBODY
  const names = new Set<string>()
  for (const [kind, first, second] of keys) {
    if (first === undefined) continue
    if (kind === USERS[0]) names.add(first)
    else if (kind === MEMBERS[0] && second !== undefined) names.add(second)
    else if (kind === GRANTS[0]) {
      for await (const name of membersOf(snapshot, first)) {
        if (names.add(name).size > MOST_NAMES) break
      }
    }
    if (names.size > MOST_NAMES) return ANYBODY
  }
  return names
}
