import type { Grant } from '../../authz/grant.js'
import type { Permissions } from '../../authz/permission.js'
import type { User } from '../../authz/user.js'
import type { Milliseconds } from '../../time.js'

/** A user as a directory keeps it: with the password hash, and with what was granted. Frozen. */
export interface Account {
  readonly user: User

  /**
   * The password's bcrypt hash; `""` if this directory keeps none (LDAP behind the meta node), so that
   * only `checkPassword` can tell.
   */
  readonly hash: string

  /** What the user and the user's roles are granted. */
  readonly permissions: Permissions

  /** The same by where it comes from, for explanations; undefined if none of it comes from a role. */
  readonly grants?: readonly Grant[] | undefined
}

/**
 * Where accounts are looked up: a meta node over the wire, the embedded meta node's store, or a fixed list.
 *
 * «No» is an answer; a rejection (`ERR_META_UNAVAILABLE`, `ERR_META_INVALID`, `ERR_STORE_UNAVAILABLE`) means
 * that it cannot be told.
 */
export interface Directory {
  /** The account of that name; undefined if there is none. Names are compared byte for byte. */
  find(name: string): Promise<Account | undefined>

  /** Whether that is the password of a user without a hash. */
  checkPassword(name: string, password: string): Promise<boolean>

  /** Resolves when the directory answers, rejects as `find` does: for a readiness check. @default it always does */
  ping?(): Promise<void>

  /**
   * Calls `listener` after each change with the name of a user that is not as it was; with undefined if it
   * may be any. A directory that cannot tell has no `watch`, and what it said is revalidated instead. Any change is
   * told before anybody can know of it; unless there is `reportedUntil`, which then says how far it is.
   *
   * @returns a function that ends it
   */
  watch?(listener: (name: string | undefined) => void): () => void

  /**
   * Up to when all changes have been told to `watch`ers, by the process's monotonic clock; -Infinity if none ever was.
   * It goes on for as long as the directory is heard of, and stands still when it is not: what was known then has aged
   * since.
   */
  reportedUntil?(): Milliseconds
}
