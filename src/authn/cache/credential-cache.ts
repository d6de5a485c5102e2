import { AuthError, type RefusedToken } from '../../errors.js'
import { type Milliseconds, withDeadline } from '../../time.js'
import { isRefused } from '../../token/refused-token.js'
import type { Directory } from '../directory/directory.js'
import type { Requester } from '../passwords/hasher.js'
import { type CachedAccount, createCachedAccount } from './cached-account.js'
import { type CredentialCacheOptions, checkCacheOptions } from './credential-cache-options.js'
import { createKeptAccounts, createTimedLru } from './kept-accounts.js'
import { createLookupLimit } from './lookup-limit.js'

export type { CredentialCacheOptions } from './credential-cache-options.js'

export interface CredentialCache {
  /** Whether anything is remembered at all; false with an expiration of 0. */
  readonly enabled: boolean

  /** The account of that name if it is known and may be used at once. */
  peek(name: string): CachedAccount | undefined

  /** Whether what `peek` returned may still be used at once. Quicker than `peek`, but true for a second at most. */
  isUsable(cached: CachedAccount): boolean

  /**
   * The account of that name, from the cache or the directory; undefined if there is none. One look-up at a
   * time is in flight for a name, however many wait for it. Rejects as the directory does, and with `ERR_BUSY` when too
   * many names that are not remembered are being looked up.
   *
   * @param requester whose request it is, for fair turns in a flood @default nobody in particular
   */
  find(name: string, requester?: Requester): Promise<CachedAccount | undefined>

  /** As `find`, by the key of a token; and of one that may not be used why, if the directory says so. */
  findToken(key: string, requester?: Requester): Promise<FoundAccount>

  /**
   * The account as the directory has it now, because a password did not fit the known one; the known one if
   * the directory was asked within `lookupInterval`. Rejects as the directory does.
   */
  recheck(name: string): Promise<CachedAccount | undefined>

  /**
   * Drops one name, or all of them, and ignores the look-ups that are under way: nobody is let in before
   * the directory was asked again. If it then still has the same hash, what was derived from that holds again:
   * forgetting everybody costs a look-up each, not a bcrypt each.
   */
  forget(name?: string): void

  /** Whether the name was known recently, even if the directory must be asked before it is used again. */
  isFamiliar(name: string): boolean

  /** How many accounts are kept. */
  readonly size: number

  /** How long ago the directory was asked for what is kept of that name; undefined if nothing is. */
  age(name: string): Milliseconds | undefined

  /** How many unexpired accounts had to go to make room for others. */
  readonly evictions: number

  /** Ends the subscription to the directory's changes. */
  close(): void
}

/** What the directory said: an account; why a token has none; or that there is none. */
type FoundAccount = CachedAccount | RefusedToken | undefined

/**
 * Remembers a directory's accounts.
 *
 * What is kept is bounded: unknown names are kept apart, so that they drive out no account. So are look-ups of names
 * that are not remembered: no flood of them delays those of users who are.
 *
 * @throws TypeError for an option out of range
 */
export function createCredentialCache(
  directory: Directory,
  options: CredentialCacheOptions = {},
): CredentialCache {
  const checked = checkCacheOptions(options)
  const { expiration, max, revalidateInterval, lookupInterval, patience, lookups, now } = checked
  /** Whether every change is reported before anybody can know of it. */
  const isInstant = directory.watch !== undefined && !directory.reportedUntil
  const interval = isInstant ? Number.POSITIVE_INFINITY : revalidateInterval
  /** Until then every change was reported: what was kept then was right, as if it had been asked for. */
  const reportedUntil = () => directory.reportedUntil?.() ?? Number.NEGATIVE_INFINITY
  const kept = createKeptAccounts({ expiration, max, now })
  const unknown = createTimedLru<RefusedToken | true>(Math.min(max, 10_000), lookupInterval, now)
  const limited = createLookupLimit({ concurrent: lookups, now })
  const flights = new Map<string, Promise<FoundAccount>>()
  /** After a failure nobody waits long for an overdue answer until then. */
  let outageUntil = Number.NEGATIVE_INFINITY

  function peek(name: string): CachedAccount | undefined {
    const time = now()
    const entry = kept.get(name, time)
    if (entry === undefined) return undefined
    const from = Math.max(entry.from, reportedUntil())
    if (time - from < interval / 2) {
      entry.cached.usableUntil = Math.min(from + interval / 2, entry.expiresAt, time + UNCHECKED)
      return entry.cached
    }
    if (time - from >= interval) return undefined
    if (time - entry.asked >= lookupInterval) lookup(name).catch(ignore) // noted on the entry
    return entry.cached
  }

  const find = async (name: string, requester?: Requester) =>
    accountIn(await findToken(name, requester))

  async function findToken(name: string, requester?: Requester): Promise<FoundAccount> {
    const cached = peek(name)
    if (cached) return cached
    const none = unknown.peek(name)
    if (none) return none === true ? undefined : none
    const entry = kept.get(name)
    if (!entry) return lookup(name, requester)
    // Overdue: the directory decides, unless it fails or keeps us waiting. A healthy one answers at once
    const time = now() < outageUntil ? patience / 10 : patience
    const answer = await withDeadline(time, lookup(name)).catch(ignore)
    if (answer) return answer.value
    if (kept.get(name) !== entry) return findToken(name, requester) // forgotten or expired meanwhile
    entry.from = now() // out of reach: used for another while before anybody waits again
    return entry.cached
  }

  async function recheck(name: string): Promise<CachedAccount | undefined> {
    const flying = flights.get(name)
    if (flying) await flying // it may be all that is needed, unless it is under way for too long
    const entry = kept.get(name)
    if (!entry) return unknown.has(name) ? undefined : accountIn(await lookup(name))
    if (isInstant) return entry.cached
    if (flights.has(name) || now() - entry.asked >= lookupInterval) {
      return accountIn(await lookup(name))
    }
    if (entry.failure !== undefined) throw entry.failure
    return entry.cached
  }

  /** Asks the directory, or joins the look-up of that name that is under way. */
  function lookup(name: string, requester: Requester = { name }): Promise<FoundAccount> {
    const flying = flights.get(name)
    if (flying) return flying
    let started = now()
    const before = kept.get(name, started)
    if (before) before.asked = started
    const ask = () => {
      started = now()
      return directory.find(name)
    }
    const isCurrent = () => flights.get(name) === flight
    const answer = kept.isKnown(name) ? ask() : limited(requester, ask)
    const flight: Promise<FoundAccount> = answer.then(
      (account) => {
        const derived = before?.cached ?? kept.former(name)
        const isNone = !account || isRefused(account)
        const found = isNone ? account || undefined : createCachedAccount(account, derived)
        if (isCurrent()) {
          flights.delete(name)
          outageUntil = Number.NEGATIVE_INFINITY
          keep(name, found, started)
        }
        return found
      },
      (failure: unknown) => {
        if (isCurrent()) flights.delete(name)
        if (!isBusy(failure)) outageUntil = now() + interval / 2
        if (before) before.failure = failure
        throw failure
      },
    )
    flights.set(name, flight)
    return flight
  }

  function keep(name: string, found: FoundAccount, started: Milliseconds): void {
    const cached = accountIn(found)
    if (cached) {
      kept.set(name, cached, started)
    } else {
      kept.remove(name)
      const none = isRefused(found) ? found : true
      if (lookupInterval > 0 && expiration > 0) unknown.set(name, none, { start: started + 1 })
    }
  }

  function forget(name?: string): void {
    if (name === undefined) {
      kept.dropAll()
      unknown.clear()
      flights.clear()
    } else {
      kept.drop(name)
      unknown.delete(name)
      flights.delete(name)
    }
  }

  const unwatch = directory.watch?.(forget)

  return {
    enabled: expiration > 0,
    peek,
    isUsable: (cached) => now() < cached.usableUntil,
    find,
    findToken,
    recheck,
    forget,
    isFamiliar: kept.isKnown,
    get size() {
      return kept.size
    },
    get evictions() {
      return kept.evictions
    },
    age: kept.age,
    close: () => unwatch?.(),
  }
}

/**
 * How long an account is used without asking the cache for it. The cache does not notice such a use, and drops the account
 * that was used least recently.
 */
const UNCHECKED: Milliseconds = 1_000

const accountIn = (found: FoundAccount) => (isRefused(found) ? undefined : found)

function isBusy(error: unknown): boolean {
  return error instanceof AuthError && error.code === 'ERR_BUSY'
}

const ignore = () => undefined
