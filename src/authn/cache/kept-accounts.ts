import { LRUCache } from 'lru-cache'
import type { Clock, Milliseconds } from '../../time.js'
import { type CacheEntry, createCacheEntry } from './cache-entry.js'
import { type CachedAccount, NOT_AT_ONCE } from './cached-account.js'

export interface KeptAccountsOptions {
  /** How long an account is kept after the last answer; 0: not at all. */
  readonly expiration: Milliseconds
  /** How many are kept. */
  readonly max: number
  readonly now: Clock
}

/**
 * A bounded memory of accounts by name: the current ones, and those that were dropped lately. The least recently used
 * account goes first. One that was dropped or has expired is set aside: if a look-up then finds it with the same hash,
 * what was derived from that hash holds again.
 */
export function createKeptAccounts({ expiration, max, now }: KeptAccountsOptions) {
  let evictions = 0
  const former = createTimedLru<CachedAccount>(max, expiration, now)
  /** Names of dropped accounts without a hash: tokens, subjects, users of LDAP. */
  const formerNames = createTimedLru<true>(max, expiration, now)
  /** Their times are on the entries: one reading of the clock answers all questions about one. */
  const entries = new LRUCache<string, CacheEntry>({
    max,
    dispose: ({ cached, expiresAt }, _name, reason) => {
      cached.usableUntil = NOT_AT_ONCE
      if (reason === 'evict' && now() <= expiresAt) evictions++
    },
  })

  /** From a user without a hash nothing was derived that the directory's next answer could confirm. */
  function drop(name: string, entry = entries.get(name)): void {
    if (entry?.cached.account.hash === '') formerNames.set(name, true)
    else if (entry) former.set(name, entry.cached)
    entries.delete(name)
  }

  return {
    /** The entry of that name, which is used thereby; undefined if there is none, or it has expired. */
    get(name: string, time = now()): CacheEntry | undefined {
      const entry = entries.get(name)
      if (entry === undefined || time <= entry.expiresAt) return entry
      drop(name, entry)
      return undefined
    },

    /** Keeps what the directory answered, `asked` being the time of the question. */
    set(name: string, cached: CachedAccount, asked: Milliseconds): void {
      former.delete(name)
      formerNames.delete(name)
      if (expiration <= 0) return
      const { lifetime = Number.POSITIVE_INFINITY } = cached.account
      const expiresAt = Math.min(now() + expiration, asked + lifetime)
      entries.set(name, createCacheEntry(cached, asked, expiresAt))
    },

    /** The directory has no such account any more. */
    remove(name: string): void {
      former.delete(name)
      formerNames.delete(name)
      entries.delete(name)
    },

    /** Sets the account aside until the directory was asked again. */
    drop: (name: string) => drop(name),

    /** Sets all of them aside. */
    dropAll(): void {
      for (const name of [...entries.rkeys()]) drop(name)
    },

    /** The account that was dropped lately. */
    former: (name: string) => former.get(name),

    /** Whether it is kept, or was dropped lately. */
    isKnown: (name: string) => entries.has(name) || former.has(name) || formerNames.has(name),

    /** How long ago the directory was asked for it; undefined if it is not kept. */
    age(name: string): Milliseconds | undefined {
      const entry = entries.peek(name)
      const time = now()
      return entry && time <= entry.expiresAt ? time - entry.since : undefined
    },

    get size() {
      return entries.size
    },

    /** How many unexpired accounts had to go to make room for others. */
    get evictions() {
      return evictions
    },
  }
}

/** An LRU cache whose entries expire. `ttl` may be a fraction. */
export function createTimedLru<T extends object | true>(
  max: number,
  ttl: Milliseconds,
  now: Clock,
): LRUCache<string, T> {
  // lru-cache takes whole milliseconds, and 0 for no time at all
  const perf = { now: () => now() + 1 }
  return new LRUCache({ max, ttl: Math.ceil(ttl), ttlResolution: 0, perf })
}
