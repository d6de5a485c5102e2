import { type Clock, type Milliseconds, monotonic } from '../../time.js'

export interface CredentialCacheOptions {
  /**
   * How long an account is trusted without an answer of the directory, counted from its last answer; 0: not
   * at all, every request asks. It bounds how long cached users go on working while the directory is out
   * of reach, not how stale they are: see `revalidateInterval`.
   *
   * @default 600_000 (10 minutes)
   */
  expiration?: Milliseconds

  /** How many accounts are kept; the least recently used go first. @default 10_000 */
  max?: number

  /**
   * After this time an account is asked for again before it is used. A directory that reports its changes
   * (`watch`) is not asked again while the reports arrive (`reportedUntil`). @default 10_000
   */
  revalidateInterval?: Milliseconds

  /**
   * A wrong password makes the cache ask again, since the password may have changed, but not more often than
   * this for one name; for so long it also remembers that there is no such user. @default 1_000
   */
  lookupInterval?: Milliseconds

  /** How long a request waits for an overdue answer before the account that is known is used. @default 1_000 */
  patience?: Milliseconds

  /** How many names that are not remembered are looked up at a time, for all requests together. @default 16 */
  lookups?: number

  /** @default the process's monotonic clock */
  now?: Clock
}

/**
 * The options, complete.
 *
 * @throws TypeError that names the option out of range
 */
export function checkCacheOptions(
  options: CredentialCacheOptions,
): Required<CredentialCacheOptions> {
  const {
    expiration = 600_000,
    max = 10_000,
    revalidateInterval = 10_000,
    lookupInterval = 1_000,
    patience = 1_000,
    lookups = 16,
    now = monotonic,
  } = options
  for (const [name, value] of Object.entries({ expiration, lookupInterval, patience })) {
    if (!Number.isFinite(value)) throw new TypeError(`${name} must be a number of milliseconds`)
    if (value < 0) throw new TypeError(`${name} must not be negative`)
  }
  if (!(revalidateInterval > 0)) throw new TypeError('revalidateInterval must be positive')
  for (const [name, value] of Object.entries({ max, lookups })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new TypeError(`${name} must be a positive integer`)
    }
  }
  return { expiration, max, revalidateInterval, lookupInterval, patience, lookups, now }
}
