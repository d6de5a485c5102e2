import type { Grant } from '../../authz/grant.js'
import type { Permissions } from '../../authz/permission.js'
import type { User } from '../../authz/user.js'
import type { RefusedToken } from '../../errors.js'
import type { Milliseconds } from '../../time.js'

/** A user as a directory keeps it: with the password hash, and with what was granted. Frozen. */
export interface Account {
  readonly user: User

  /**
   * The password's bcrypt hash; `""` if this directory keeps none (LDAP behind the meta node):
   * then only `checkPassword` can check it.
   */
  readonly hash: string

  /** What the user and the user's roles are granted. */
  readonly permissions: Permissions

  /** The same by where it comes from, for explanations; undefined if none of it comes from a role. */
  readonly grants?: readonly Grant[] | undefined

  /** For how long it may be used at the most, counted from the question: a token expires. @default for ever */
  readonly lifetime?: Milliseconds | undefined
}

/**
 * What was found by a name or a key: an account; of a token that may not be used, why, for logs; or nothing, of which nothing
 * else is known.
 */
export type Found = Account | RefusedToken | undefined

/**
 * Where accounts are looked up: a meta node over the wire, the embedded meta node's store, or a fixed list.
 *
 * "No" is an answer; a rejection (`ERR_META_UNAVAILABLE`, `ERR_META_INVALID`, `ERR_STORE_UNAVAILABLE`) means
 * that the answer is not known.
 */
export interface Directory {
  /**
   * The account of that name, or with that key of `account-key.ts`; undefined if there is none. Of a token
   * that may not be used it may say why instead. Names are compared byte for byte.
   */
  find(key: string): Promise<Found>

  /** What a role grants; undefined if there is no such role. @default there are no roles */
  role?(name: string): Promise<Permissions | undefined>

  /** Whether that is the password of a user without a hash. */
  checkPassword(name: string, password: string): Promise<boolean>

  /** Resolves when the directory answers, rejects as `find` does: for a readiness check. @default it always does */
  ping?(): Promise<void>

  /**
   * Calls `listener` after each change with the key of the account that changed; with undefined if it may be any. A
   * directory that cannot report changes has no `watch`, and is asked again instead. Without `reportedUntil` each change
   * is reported before it is acknowledged; with it, later.
   *
   * @returns a function that ends it
   */
  watch?(listener: (key: string | undefined) => void): () => void

  /**
   * Up to when all changes have been reported to `watch`ers, by the process's monotonic clock; -Infinity if never. It
   * advances while the directory can be heard, and stands still otherwise: from then on what was known ages.
   */
  reportedUntil?(): Milliseconds
}
