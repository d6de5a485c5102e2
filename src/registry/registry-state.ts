import type { Permissions } from '../authz/permission.js'
import type { TokenOwner } from '../authz/user.js'
import { heldPermissions } from './held-permissions.js'
import { administratorsOf } from './last-admin.js'
import { isMember, membersOf } from './membership.js'
import { type RoleRecord, readRole, readRoles } from './role-record.js'
import type { Snapshot } from './store/store.js'
import {
  readSubscription,
  readSubscriptionById,
  readSubscriptions,
  type SubscriptionRecord,
} from './tokens/subscription-record.js'
import { readToken, readTokenById, readTokens, type TokenRecord } from './tokens/token-record.js'
import { type NamedUser, readUser, readUsers } from './user-record.js'

/** A role, and its members as they are asked for: there may be a million. */
export interface Role {
  readonly name: string
  readonly permissions: Permissions
  /** The names of the members, in order. */
  users(): AsyncIterable<string>
  /** Whether that user is a member. */
  has(user: string): Promise<boolean>
}

/** Users, roles and tokens at one moment. */
export interface RegistryState {
  /** How many changes led here. */
  readonly index: number

  /** The user, with their own permissions. */
  user(name: string): Promise<NamedUser | undefined>

  /** The user, with their own permissions and those of their roles. */
  account(name: string): Promise<NamedUser | undefined>

  /** All users, in the order of their names, with their own permissions. */
  users(): AsyncIterable<NamedUser>

  /** The same in the order of their creation; those of one change by name. All names are in memory meanwhile. */
  usersByCreation(): AsyncIterable<NamedUser>

  role(name: string): Promise<Role | undefined>

  /** All roles, in the order of their names. */
  roles(): AsyncIterable<Role>

  /** The names of the users who hold every permission, by their own or by their roles' grants; some may come twice. */
  administrators(): AsyncIterable<string>

  /** All own tokens, or one owner's, in the order of their creation; revoked and expired ones, too. */
  tokens(owner?: TokenOwner): AsyncIterable<TokenRecord>
  /** By id. */
  token(id: string): Promise<TokenRecord | undefined>
  /** By digest. */
  tokenOf(digest: string): Promise<TokenRecord | undefined>

  /** All tokens of subscriptions, in the order of their creation; revoked ones, too. */
  subscriptionTokens(): AsyncIterable<SubscriptionRecord>
  subscriptionToken(id: string): Promise<SubscriptionRecord | undefined>
  subscriptionTokenOf(digest: string): Promise<SubscriptionRecord | undefined>
}

export function createRegistryState(snapshot: Snapshot): RegistryState {
  const roleOf = ({ id, name, permissions }: RoleRecord): Role => {
    return {
      name,
      permissions,
      users: () => membersOf(snapshot, id),
      has: (user) => isMember(snapshot, id, user),
    }
  }

  async function user(name: string): Promise<NamedUser | undefined> {
    const record = await readUser(snapshot, name)
    return record && { name, ...record }
  }

  return {
    index: snapshot.index,
    user,
    async account(name) {
      const own = await user(name)
      return own && { ...own, permissions: await heldPermissions(snapshot, own) }
    },
    users: () => readUsers(snapshot),
    async *usersByCreation() {
      const order: [name: string, created: number][] = []
      for await (const { name, created } of readUsers(snapshot)) order.push([name, created])
      order.sort(([, a], [, b]) => a - b) // which keeps the order of names
      for (const [name] of order) yield (await user(name)) as NamedUser
    },
    async role(name) {
      const record = await readRole(snapshot, name)
      return record && roleOf(record)
    },
    async *roles() {
      for await (const record of readRoles(snapshot)) yield roleOf(record)
    },
    administrators: () => administratorsOf(snapshot),
    tokens: (owner) => readTokens(snapshot, owner),
    token: (id) => readTokenById(snapshot, id),
    tokenOf: (digest) => readToken(snapshot, digest),
    subscriptionTokens: () => readSubscriptions(snapshot),
    subscriptionToken: (id) => readSubscriptionById(snapshot, id),
    subscriptionTokenOf: (digest) => readSubscription(snapshot, digest),
  }
}
