import { LRUCache } from 'lru-cache'
import type { Milliseconds } from '../../time.js'
import { answerWithin } from '../answer-within.js'
import type { Directory } from '../directory/directory.js'
import { type CacheEntry, createCacheEntry } from './cache-entry.js'
import { type CachedAccount, createCachedAccount, NOT_AT_ONCE } from './cached-account.js'
import { type CredentialCacheOptions, checkCacheOptions } from './credential-cache-options.js'

export type { CredentialCacheOptions } from './credential-cache-options.js'

export interface CredentialCache {
  /** Whether anything is remembered at all; not with an expiration of 0. */
  readonly enabled: boolean

  /** The account of that name if it is known and may be used at once. */
  peek(name: string): CachedAccount | undefined

  /** Whether what `peek` returned may still be used at once. Quicker than `peek`, and only for a second or so. */
  isUsable(cached: CachedAccount): boolean

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

  /**
   * Drops one name, or all of them, and ignores the look-ups that are under way: nobody is let in before
   * the directory was asked again. If it then still has the same hash, what was derived from that holds again:
   * forgetting everybody costs a look-up each, not a bcrypt each.
   */
  forget(name?: string): void

  /** Whether the name was an account's lately, be it that the directory is to be asked before it is used again. */
  isFamiliar(name: string): boolean

  /** How many accounts are kept. */
  readonly size: number

  /** How long ago the directory was asked for what is kept of that name; undefined if nothing is. */
  age(name: string): Milliseconds | undefined

  /** How many accounts had to go, unexpired, for others. */
  readonly evictions: number

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
  const { expiration, max, revalidateInterval, lookupInterval, patience, now } =
    checkCacheOptions(options)
  /** Whether every change is told before anybody can know of it. */
  const isTold = directory.watch !== undefined && !directory.toldUntil
  const interval = isTold ? Number.POSITIVE_INFINITY : revalidateInterval
  /** Until then every change was told: what was kept then was right, as if it had been asked for. */
  const toldUntil = () => directory.toldUntil?.() ?? Number.NEGATIVE_INFINITY
  /** lru-cache takes whole milliseconds, and 0 for no time at all. */
  const perf = { now: () => now() + 1 }
  const createLru = <T extends object | true>(size: number, ttl: Milliseconds) =>
    new LRUCache<string, T>({ max: size, ttl: Math.ceil(ttl), ttlResolution: 0, perf })
  let evictions = 0
  /** Forgotten and expired accounts, for what was derived from their hashes: a look-up may find them as they were. */
  const former = createLru<CachedAccount>(max, expiration)
  /** Their times are on the entries: one reading of the clock answers all questions about one. */
  const entries = new LRUCache<string, CacheEntry>({
    max,
    dispose: ({ cached, expiresAt }, _name, reason) => {
      cached.usableUntil = NOT_AT_ONCE
      if (reason === 'evict' && now() <= expiresAt) evictions++
    },
  })
  const unknown = createLru<true>(Math.min(max, 10_000), lookupInterval)
  const flights = new Map<string, Promise<CachedAccount | undefined>>()
  /** After a failure nobody waits long for an overdue answer until then. */
  let outageUntil = Number.NEGATIVE_INFINITY

  function peek(name: string): CachedAccount | undefined {
    const time = now()
    const entry = unexpired(name, time)
    if (entry === undefined) return undefined
    const from = Math.max(entry.from, toldUntil())
    if (time - from < interval / 2) {
      entry.cached.usableUntil = Math.min(from + interval / 2, entry.expiresAt, time + LOAN)
      return entry.cached
    }
    if (time - from >= interval) return undefined
    if (time - entry.asked >= lookupInterval) lookup(name).catch(ignore) // noted on the entry
    return entry.cached
  }

  function unexpired(name: string, time = now()): CacheEntry | undefined {
    const entry = entries.get(name)
    if (entry === undefined || time <= entry.expiresAt) return entry
    setAside(name, entry.cached)
    entries.delete(name)
    return undefined
  }

  async function find(name: string): Promise<CachedAccount | undefined> {
    const cached = peek(name)
    if (cached) return cached
    if (unknown.has(name)) return undefined
    const entry = unexpired(name)
    if (!entry) return lookup(name)
    // Overdue: the directory decides, unless it fails or keeps us waiting. One that is well answers at once
    const answer = await answerWithin(now() < outageUntil ? patience / 10 : patience, lookup(name))
    if (answer) return answer.value
    if (unexpired(name) !== entry) return find(name) // forgotten or expired meanwhile
    entry.from = now() // out of reach: used for another while before anybody waits again
    return entry.cached
  }

  async function recheck(name: string): Promise<CachedAccount | undefined> {
    const flying = flights.get(name)
    if (flying) await flying // it may be all that is needed, unless it is under way for too long
    const entry = unexpired(name)
    if (!entry) return unknown.has(name) ? undefined : lookup(name)
    if (isTold) return entry.cached
    if (flights.has(name) || now() - entry.asked >= lookupInterval) return lookup(name)
    if (entry.failure !== undefined) throw entry.failure
    return entry.cached
  }

  /** Asks the directory, or joins whoever is asking. */
  function lookup(name: string): Promise<CachedAccount | undefined> {
    const flying = flights.get(name)
    if (flying) return flying
    const started = now()
    const before = unexpired(name, started)
    if (before) before.asked = started
    const isCurrent = () => flights.get(name) === flight
    const flight: Promise<CachedAccount | undefined> = directory.find(name).then(
      (account) => {
        const derived = before?.cached ?? former.get(name)
        const cached = account && createCachedAccount(account, derived)
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
    former.delete(name)
    if (cached) {
      if (expiration > 0) entries.set(name, createCacheEntry(cached, started, now() + expiration))
    } else {
      entries.delete(name)
      if (lookupInterval > 0 && expiration > 0) unknown.set(name, true, { start: started + 1 })
    }
  }

  /** Of a user without a hash nothing was derived that the directory's next answer could confirm. */
  function setAside(name: string, cached: CachedAccount): void {
    if (cached.account.hash !== '') former.set(name, cached)
  }

  function forget(name?: string): void {
    if (name === undefined) {
      for (const known of [...entries.rkeys()]) forget(known)
      unknown.clear()
      flights.clear()
      return
    }
    const entry = entries.get(name)
    if (entry) setAside(name, entry.cached)
    entries.delete(name)
    unknown.delete(name)
    flights.delete(name)
  }

  const unwatch = directory.watch?.(forget)

  return {
    enabled: expiration > 0,
    peek,
    isUsable: (cached) => now() < cached.usableUntil,
    find,
    recheck,
    forget,
    isFamiliar: (name) => entries.has(name) || former.has(name),
    get size() {
      return entries.size
    },
    get evictions() {
      return evictions
    },
    age(name) {
      const entry = entries.peek(name)
      const time = now()
      return entry && time <= entry.expiresAt ? time - entry.since : undefined
    },
    close: () => unwatch?.(),
  }
}

/** For how long the cache need not hear that an account is used: it drops the one that was used least recently. */
const LOAN: Milliseconds = 1_000

const ignore = () => {}
