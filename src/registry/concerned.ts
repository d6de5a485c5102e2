import { roleKey, subscriptionKey, tokenKey } from '../authn/directory/account-key.js'
import { MEMBERS, membersOf } from './membership.js'
import { GRANTS, ROLES } from './role-record.js'
import type { Snapshot, StoreChange } from './store/store.js'
import type { Key } from './store/store-key.js'
import { SUBSCRIPTIONS } from './tokens/subscription-record.js'
import { REVOKED, TOKENS, TOKENS_OF_USERS } from './tokens/token-record.js'
import { USERS } from './user-record.js'

/** Changes of more users than this, or of more of the others, are reported as changes of any: that is cheaper to follow. */
const MOST = 1_000

/** The tokens of more users than this are looked for among all users' tokens. */
const MOST_USERS_APART = 16

/** Users, and the keys of other accounts, as they are collected. */
interface Found {
  readonly users: Set<string>
  readonly others: Set<string>
}

/**
 * The accounts that those changes affect, by their keys (`account-key.ts`): a role's change affects its members, and
 * theirs affects their tokens.
 *
 * @param snapshot of a state that the changes have led to
 * @returns undefined if it may be anybody, or they are too many to name
 */
export async function concerned(
  snapshot: Snapshot,
  changes: readonly StoreChange[],
): Promise<ReadonlySet<string> | undefined> {
  const found: Found = { users: new Set(), others: new Set() }
  const roles = new Set<string>()
  for (const { keys } of changes) {
    if (!keys) return undefined
    for (const key of keys) {
      if (key[0] === GRANTS[0] && key[1] !== undefined) roles.add(key[1])
      else note(found, key)
      if (isTooMany(found)) return undefined
    }
  }
  await addMembers(snapshot, found, roles)
  await addRoles(snapshot, found, roles)
  if (isTooMany(found)) return undefined
  await addTokens(snapshot, found)
  return isTooMany(found) ? undefined : new Set([...found.users, ...found.others])
}

const isTooMany = ({ users, others }: Found) => users.size > MOST || others.size > MOST

/** What a key of the store names by itself. */
function note({ users, others }: Found, [kind, first, second]: Key): void {
  if (first === undefined) return
  switch (kind) {
    case USERS[0]:
      users.add(first)
      break
    case MEMBERS[0]:
      if (second !== undefined) users.add(second)
      break
    case ROLES[0]:
      others.add(roleKey(first))
      break
    case TOKENS[0]:
    case REVOKED[0]:
      others.add(tokenKey(first))
      break
    case SUBSCRIPTIONS[0]:
      others.add(subscriptionKey(first))
  }
}

/** The members of roles, given by their ids. */
async function addMembers(
  snapshot: Snapshot,
  found: Found,
  roles: ReadonlySet<string>,
): Promise<void> {
  for (const id of roles) {
    for await (const name of membersOf(snapshot, id)) {
      found.users.add(name)
      if (isTooMany(found)) return
    }
  }
}

/** The roles themselves, which are kept by name. */
async function addRoles(
  snapshot: Snapshot,
  found: Found,
  roles: ReadonlySet<string>,
): Promise<void> {
  if (roles.size === 0) return
  for await (const { key, value } of snapshot.range(ROLES)) {
    if (roles.has(value as string)) found.others.add(roleKey(key[1] as string))
  }
}

/** The tokens of users. */
async function addTokens(snapshot: Snapshot, found: Found): Promise<void> {
  const { users, others } = found
  const isFew = users.size <= MOST_USERS_APART
  const prefixes = isFew ? [...users].map((name) => [...TOKENS_OF_USERS, name]) : [TOKENS_OF_USERS]
  for (const prefix of prefixes) {
    for await (const { key, value } of snapshot.range(prefix)) {
      if (!users.has(key[2] as string)) continue
      others.add(tokenKey(value as string))
      if (isTooMany(found)) return
    }
  }
}
