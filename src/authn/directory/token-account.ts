import { isAdmin, type Permissions } from '../../authz/permission.js'
import { SUBSCRIPTION_PREFIX, TOKEN_PREFIX } from '../../authz/shown-name.js'
import type { TokenOwner, User } from '../../authz/user.js'
import type { Milliseconds } from '../../time.js'
import { sharedPrivileges } from './account.js'
import { subscriptionKey, tokenKey } from './account-key.js'
import type { Account } from './directory.js'

/** An own token as the registry knows it: not revoked, not expired. */
export interface FoundToken {
  readonly id: string
  readonly digest: string
  readonly owner: TokenOwner
  /** What it grants now: never more than a local owner holds. */
  readonly permissions: Permissions
  /** How long until it expires. @default never */
  readonly lifetime?: Milliseconds | undefined
}

/** The account of an own token, `_token:<id>`. It is an administrator only if it was made to grant all permissions. */
export function createTokenAccount(found: FoundToken): Account {
  const { id, digest, owner, permissions, lifetime } = found
  const user: User = Object.freeze({
    name: TOKEN_PREFIX + id,
    admin: false,
    privileges: sharedPrivileges(permissions),
    ...(isAdmin(permissions) && { isAdministrator: true }),
    kind: 'token',
    account: tokenKey(digest),
    tokenId: id,
    owner,
  })
  return Object.freeze({ user, hash: '', permissions, ...(lifetime !== undefined && { lifetime }) })
}

/** A subscription token as the registry knows it: not revoked. */
export interface FoundSubscription {
  readonly id: string
  readonly digest: string
  readonly database: string
  readonly policy: string
}

/** The account of a subscription token, `_sub:<id>`: it may write to one retention policy of one database. */
export function createSubscriptionAccount(found: FoundSubscription): Account {
  const { id, digest, database, policy } = found
  const permissions: Permissions = new Map([[database, new Set(['WriteData'] as const)]])
  const user: User = Object.freeze({
    name: SUBSCRIPTION_PREFIX + id,
    admin: false,
    privileges: sharedPrivileges(permissions),
    kind: 'subscription',
    account: subscriptionKey(digest),
    tokenId: id,
    policy,
  })
  return Object.freeze({ user, hash: '', permissions })
}
