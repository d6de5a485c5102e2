import type { Milliseconds } from '../../time.js'
import type { CachedAccount } from './cached-account.js'

/** What the cache keeps of one name. It ages in two steps, so that frequent users never wait. */
export interface CacheEntry {
  readonly cached: CachedAccount

  /** When the directory was asked for what is kept. */
  readonly since: Milliseconds

  /**
   * The time from which it ages: for half the revalidation interval it is used as it is, for the other half the directory
   * is asked in the background.
   */
  from: Milliseconds

  /** After that it is not used at all. */
  readonly expiresAt: Milliseconds

  /** When the directory was last asked, even without an answer. */
  asked: Milliseconds

  /** Why the directory did not answer when it was last asked. */
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
