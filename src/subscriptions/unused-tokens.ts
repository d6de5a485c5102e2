import { UNUSED_AGE } from './revocation-delays.js'

/** Remembers since when tokens are seen without a subscription. */
export interface UnusedTokens {
  /** Of those that are unused now, those that have been for long enough. */
  ripe(ids: readonly string[]): readonly string[]
}

/** @param now in milliseconds, from a clock that only goes on */
export function createUnusedTokens(now: () => number): UnusedTokens {
  let since = new Map<string, number>()
  return {
    ripe(ids) {
      const time = now()
      since = new Map(ids.map((id) => [id, since.get(id) ?? time]))
      return ids.filter((id) => time - (since.get(id) ?? time) >= UNUSED_AGE)
    },
  }
}
