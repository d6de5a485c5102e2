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

  /** The directory's word on that password: all there is on a user without a hash, and there alone. */
  confirmation: DirectoryConfirmation | undefined

  /** Until then it may be used without asking the cache for it; the cache's own, which ends it when it drops it. */
  usableUntil: Milliseconds
}

/** In `usableUntil`: the cache is to be asked. */
export const NOT_AT_ONCE: Milliseconds = Number.NEGATIVE_INFINITY

/** That a directory called a password right. */
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
