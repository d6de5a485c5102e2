import { LRUCache } from 'lru-cache'
import { type Clock, type Milliseconds, monotonic } from '../time.js'
import type { Account, Directory } from './directory.js'
import type { PasswordDigest } from './password-digest.js'

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
   * After this time an account is asked for again before it is used. A directory that tells its changes
   * (`watch`) is not asked again. @default 10_000
   */
  revalidateInterval?: Milliseconds

  /**
   * A wrong password makes the cache ask again, since the password may have changed, but not more often than
   * this for one name; for so long it also remembers that there is no such user. @default 1_000
   */
  lookupInterval?: Milliseconds

  /** How long a request waits for an overdue answer before the account that is known is used. @default 1_000 */
  patience?: Milliseconds

  /** @default the process's monotonic clock */
  now?: Clock
}

/**
 * An account with what was derived from it. All of it dies with the account, or with a change of its hash.
 */
export interface CachedAccount {
  readonly account: Account

  /** The digest of the password that was last verified against the account's hash. */
  digest: PasswordDigest | undefined

  /** That password's bcrypt hash at this process's own cost, where the account has none of that cost. */
  localHash: string | undefined

  /** When `digest` or `localHash` was set. */
  verifiedAt: Milliseconds
}

/** What the cache keeps of one name. */
interface Entry {
  cached: CachedAccount
  /** Until when it is used without a thought. */
  fresh: Milliseconds
  /** Until when it is used while the directory is asked in the background. */
  usable: Milliseconds
  /** When the directory was last asked, whatever came of it. */
  asked: Milliseconds
  /** Why the directory could not tell when it was last asked. */
  failure: unknown
}

export interface CredentialCache {
  /** Whether anything is remembered at all; not with an expiration of 0. */
  readonly enabled: boolean

  /** The account of that name if it is known and may be used at once. */
  peek(name: string): CachedAccount | undefined

  /**
   * The account of that name, from the cache or the directory; undefined if there is none. One look-up at a
   * time is in flight for a name, however many wait for it. Rejects as the directory does.
   */
  find(name: string): Promise<CachedAccount | undefined>

  /**
   * The account as the directory has it now, because a password did not fit the known one; the known one if
   * the directory was asked within `lookupInterval`. Rejects as the directory does.
   */
  recheck(name: string): Promise<CachedAccount | undefined>

  /** Drops one name, or all of them, and ignores the look-ups that are under way. */
  forget(name?: string): void

  /** How many accounts are kept. */
  readonly size: number

  /** Ends the subscription to the directory's changes. */
  close(): void
}

/**
 * Remembers a directory's accounts.
 *
 * What is kept is bounded: unknown names are kept apart, so that they drive out no account.
 *
 * @throws TypeError for an option out of range
 */
export function createCredentialCache(
  directory: Directory,
  options: CredentialCacheOptions = {},
): CredentialCache {
  const {
    expiration = 600_000,
    max = 10_000,
    revalidateInterval = 10_000,
    lookupInterval = 1_000,
    patience = 1_000,
    now = monotonic,
  } = options
  for (const [name, value] of Object.entries({ expiration, lookupInterval, patience })) {
    if (!(value >= 0)) throw new TypeError(`${name} must not be negative`)
  }
  if (!(revalidateInterval > 0)) throw new TypeError('revalidateInterval must be positive')
  if (!Number.isSafeInteger(max) || max < 1) throw new TypeError('max must be a positive integer')

  const interval = directory.watch ? Number.POSITIVE_INFINITY : revalidateInterval
  const perf = { now }
  const entries = new LRUCache<string, Entry>({ max, ttl: expiration, ttlResolution: 0, perf })
  const unknown = new LRUCache<string, true>({
    max: Math.min(max, 10_000),
    ttl: lookupInterval,
    ttlResolution: 0,
    perf,
  })
  const flights = new Map<string, Promise<CachedAccount | undefined>>()
  /** After a failure nobody waits for an overdue answer until then. */
  let outageUntil = Number.NEGATIVE_INFINITY

  function peek(name: string): CachedAccount | undefined {
    const entry = entries.get(name)
    if (entry === undefined) return undefined
    if (interval === Number.POSITIVE_INFINITY) return entry.cached
    const time = now()
    if (time < entry.fresh) return entry.cached
    if (time >= entry.usable) return undefined
    if (time - entry.asked >= lookupInterval) lookup(name).catch(ignore) // noted on the entry
    return entry.cached
  }

  async function find(name: string): Promise<CachedAccount | undefined> {
    const cached = peek(name)
    if (cached) return cached
    if (unknown.has(name)) return undefined
    const entry = entries.get(name)
    if (!entry) return lookup(name)
    // Overdue: the directory decides, unless it keeps us waiting
    const answer = lookup(name).catch(() => undefined)
    if (now() >= outageUntil) await settled(answer, patience)
    if (unknown.has(name)) return undefined
    const current = entries.get(name)
    if (current === entry) postpone(entry)
    return current?.cached
  }

  async function recheck(name: string): Promise<CachedAccount | undefined> {
    const entry = entries.get(name)
    if (entry && directory.watch) return entry.cached
    if (entry && now() - entry.asked < lookupInterval) {
      if (entry.failure !== undefined) throw entry.failure
      return entry.cached
    }
    if (!entry && unknown.has(name)) return undefined
    return lookup(name)
  }

  /** Asks the directory, or joins whoever is asking. */
  function lookup(name: string): Promise<CachedAccount | undefined> {
    const flying = flights.get(name)
    if (flying) return flying
    const started = now()
    const before = entries.get(name)
    if (before) before.asked = started
    const isCurrent = () => flights.get(name) === flight
    const flight: Promise<CachedAccount | undefined> = directory.find(name).then(
      (account) => {
        const cached = account && carryOver(account, before?.cached)
        if (isCurrent()) {
          flights.delete(name)
          outageUntil = Number.NEGATIVE_INFINITY
          keep(name, cached, started)
        }
        return cached
      },
      (failure: unknown) => {
        if (isCurrent()) flights.delete(name)
        outageUntil = now() + interval / 2
        if (before) before.failure = failure
        throw failure
      },
    )
    flights.set(name, flight)
    return flight
  }

  function keep(name: string, cached: CachedAccount | undefined, started: Milliseconds): void {
    if (!cached) {
      entries.delete(name)
      if (lookupInterval > 0 && expiration > 0) unknown.set(name, true)
      return
    }
    unknown.delete(name)
    if (expiration === 0) return
    entries.set(name, {
      cached,
      fresh: started + interval / 2,
      usable: started + interval,
      asked: started,
      failure: undefined,
    })
  }

  /** The directory is out of reach: use the entry for another while before anybody waits again. */
  function postpone(entry: Entry): void {
    entry.fresh = now() + interval / 2
    entry.usable = entry.fresh + interval / 2
  }

  function forget(name?: string): void {
    if (name === undefined) {
      entries.clear()
      unknown.clear()
      flights.clear()
    } else {
      entries.delete(name)
      unknown.delete(name)
      flights.delete(name)
    }
  }

  const unwatch = directory.watch?.(forget)

  return {
    enabled: expiration > 0,
    peek,
    find,
    recheck,
    forget,
    get size() {
      return entries.size
    },
    close: () => unwatch?.(),
  }
}

/** The account, with what was derived from the one before if it has the same hash. */
function carryOver(account: Account, before: CachedAccount | undefined): CachedAccount {
  const same = before !== undefined && before.account.hash === account.hash
  return {
    account,
    digest: same ? before.digest : undefined,
    localHash: same ? before.localHash : undefined,
    verifiedAt: same ? before.verifiedAt : Number.NEGATIVE_INFINITY,
  }
}

/** Resolves when `promise` has settled, or after `ms`. */
function settled(promise: Promise<unknown>, ms: Milliseconds): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    promise.finally(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

const ignore = () => {}
