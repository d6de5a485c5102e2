import type { Milliseconds } from '../time.js'
import type { CachedAccount } from './cached-account.js'

/** What the cache keeps of one name. It ages in two steps, so that a user who comes often never waits. */
export interface CacheEntry {
  readonly cached: CachedAccount

  /** When the directory was asked for what is kept. */
  readonly since: Milliseconds

  /** Until when it is used without a thought: half the revalidation interval. */
  fresh: Milliseconds

  /** Until when it is used while the directory is asked in the background: the other half. */
  usable: Milliseconds

  /** When the directory was last asked, whatever came of it. */
  asked: Milliseconds

  /** Why the directory could not tell when it was last asked. */
  failure: unknown
}

/** An entry made of an answer. It ages from the question on. */
export function createCacheEntry(
  cached: CachedAccount,
  asked: Milliseconds,
  interval: Milliseconds,
): CacheEntry {
  const usable = asked + interval
  return { cached, since: asked, fresh: asked + interval / 2, usable, asked, failure: undefined }
}

/** The directory is out of reach: the entry is used for another while before anybody waits again. */
export function postpone(entry: CacheEntry, now: Milliseconds, interval: Milliseconds): void {
  entry.fresh = now + interval / 2
  entry.usable = now + interval
}
