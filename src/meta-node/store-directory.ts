import { createAccount } from '../authn/account.js'
import type { Directory } from '../authn/directory.js'
import type { PasswordHasher } from '../authn/hasher.js'
import { MEMBERS, membersOf } from './membership.js'
import { createRegistryState } from './registry-state.js'
import { GRANTS } from './role-record.js'
import type { Snapshot, Store, StoreChange } from './store.js'
import { USERS } from './user-record.js'

/** A change that concerns more users than this concerns «any» of them: it is cheaper to ask anew. */
const MOST_NAMES = 1_000
const ANYBODY = [undefined]

/**
 * The registry of this process as a directory, for the gateway beside it: no wire in between. A change is
 * told to watchers before it is acknowledged, so it takes effect at once.
 */
export function createStoreDirectory(store: Store, hasher: PasswordHasher): Directory {
  return {
    async find(name) {
      const account = await store.read((snapshot) => createRegistryState(snapshot).account(name))
      return account && createAccount(name, account.hash, account.permissions)
    },

    async checkPassword(name, password) {
      const user = await store.read((snapshot) => createRegistryState(snapshot).user(name))
      return user !== undefined && hasher.compare(password, user.hash)
    },

    watch(listener) {
      return store.watch(async (change) => {
        const names = store.read((snapshot) => concerned(snapshot, change))
        for (const name of await names.catch(() => ANYBODY)) listener(name)
      })
    },
  }
}

/** The users that are not as they were; `ANYBODY` if they are too many to name. */
async function concerned(
  snapshot: Snapshot,
  { keys }: StoreChange,
): Promise<Iterable<string | undefined>> {
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
