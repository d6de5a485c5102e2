import type { Milliseconds } from '../../time.js'
import type { CachedAccount } from './cached-account.js'

/** What the cache keeps of one name. It ages in two steps, so that a user who comes often never waits. */
export interface CacheEntry {
  readonly cached: CachedAccount

  /** When the directory was asked for what is kept. */
  readonly since: Milliseconds

  /**
   * From when on it ages: half the revalidation interval it is used without a thought, the other half while the
   * directory is asked in the background.
   */
  from: Milliseconds

  /** Until then it is used at all. */
  readonly expiresAt: Milliseconds

  /** When the directory was last asked, whatever came of it. */
  asked: Milliseconds

  /** Why the directory could not tell when it was last asked. */
  failure: unknown
}

/** An entry made of an answer. It ages from the question on. */
export function createCacheEntry(
  cached: CachedAccount,
  asked: Milliseconds,
  expiresAt: Milliseconds,
): CacheEntry {
  return { cached, since: asked, from: asked, expiresAt, asked, failure: undefined }
}
