import type { Permissions } from '../../authz/permission.js'
import type { SubscriptionRecord } from '../tokens/subscription-record.js'
import type { TokenRecord } from '../tokens/token-record.js'

/**
 * A backup is JSON lines: a head, users, roles each followed by its members, own tokens, tokens of subscriptions, an end.
 * Users, roles and the members of a role are in the order of their names' bytes, tokens in that of their ids. Of tokens and
 * passwords it has the hashes only. The end holds the SHA-256 of all lines before it, so that a backup that
 * was cut off, or written to, is found out.
 */
export const BACKUP_VERSION = 3

/** Version 1 had all permissions as a list of their names, and no `created`; version 2 had no tokens. */
export const OLDEST_VERSION = 1

/** How many names a line of members has at the most. */
export const MEMBERS_A_LINE = 500

/** How much a backup holds. */
export interface BackupCounts {
  readonly users: number
  readonly roles: number
  /** Of all roles together. */
  readonly members: number
  readonly tokens: number
  /** Tokens of subscriptions. */
  readonly subscriptions: number
}

/** A backup's first line. */
export interface BackupHead extends BackupCounts {
  readonly backup: 'kapacitor-auth'
  readonly version: number
  /** The registry's index. */
  readonly index: number
  /** When it was made, as ISO 8601 has it. */
  readonly time: string
}

/** A line between head and end, read. */
export type BackupRecord =
  | {
      readonly kind: 'user'
      readonly name: string
      readonly hash: string
      readonly permissions: Permissions
      /** See `UserRecord`. */
      readonly created: number
    }
  | { readonly kind: 'role'; readonly name: string; readonly permissions: Permissions }
  | { readonly kind: 'members'; readonly of: string; readonly names: readonly string[] }
  | TokenRecord
  | SubscriptionRecord

/** `3 users, 1 role, 2 memberships, 1 token`; tokens where there are any. */
export function describeCounts(counts: BackupCounts): string {
  const { users, roles, members, tokens, subscriptions } = counts
  const parts = [some(users, 'user'), some(roles, 'role'), some(members, 'membership')]
  if (tokens > 0) parts.push(some(tokens, 'token'))
  if (subscriptions > 0) parts.push(some(subscriptions, 'subscription token'))
  return parts.join(', ')
}

/** `1 user`, `2 users`. */
export function some(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}
