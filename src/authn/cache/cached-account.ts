import type { Milliseconds } from '../../time.js'
import type { Account } from '../directory/directory.js'
import type { PasswordDigest } from '../passwords/password-digest.js'

/**
 * An account with what was derived from it. All of it dies with the account, or with a change of its hash.
 */
export interface CachedAccount {
  readonly account: Account

  /** The digest of the password that was last found right. */
  digest: PasswordDigest | undefined

  /** That password's bcrypt hash at this process's own cost, where the account has none of that cost. */
  localHash: string | undefined

  /** When the directory last confirmed that password; set only for users without a hash. */
  confirmation: DirectoryConfirmation | undefined

  /** Until then it may be used without asking the cache. Only the cache sets it, and ends it when it drops the account. */
  usableUntil: Milliseconds
}

/** In `usableUntil`: the cache must be asked. */
export const NOT_AT_ONCE: Milliseconds = Number.NEGATIVE_INFINITY

/** A directory's confirmation that a password is right. */
export interface DirectoryConfirmation {
  readonly confirmedAt: Milliseconds

  /** From when on it is asked again. */
  readonly askAgainAt: Milliseconds
}

/** The account, with what was derived from the one `before` if it has the same hash. */
export function createCachedAccount(account: Account, before?: CachedAccount): CachedAccount {
  if (before?.account.hash === account.hash) return { ...before, account, usableUntil: NOT_AT_ONCE }
  return {
    account,
    digest: undefined,
    localHash: undefined,
    confirmation: undefined,
    usableUntil: NOT_AT_ONCE,
  }
}
