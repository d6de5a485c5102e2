import type { Milliseconds } from '../../time.js'

/** So many tokens at most, of which one comes back each interval. */
export interface TokenBucket {
  /** How many are in it; a fraction of one is on its way. */
  left(now: Milliseconds): number

  /** How long until there is one. */
  wait(now: Milliseconds): Milliseconds

  /** Takes one out. Below none it is in debt. */
  take(now: Milliseconds): void
}

export function createTokenBucket(size: number, interval: Milliseconds): TokenBucket {
  /** All that is kept: when it is full again. */
  let full = Number.NEGATIVE_INFINITY

  return {
    left: (now) => size - Math.max(0, full - now) / interval,
    wait: (now) => Math.max(0, full - now - (size - 1) * interval),
    take(now) {
      full = Math.max(full, now) + interval
    },
  }
}
