import type { Milliseconds } from '../time.js'
import { keyOf, type Policy } from './influxdb-subscription.js'

/** After so many replacements in a row it is not chance: somebody puts another token in each time. */
const MOST_REPLACEMENTS = 3

const FIRST_PAUSE: Milliseconds = 60_000
const LONGEST_PAUSE: Milliseconds = 3_600_000

/** After this time in order it is over. Two gateways may look at different intervals. */
const OVER: Milliseconds = 600_000

/** Remembers for which retention policies a subscription with a token that is not valid had to be replaced again and again. */
export interface ContestedPolicies {
  /** Whether it is to be replaced now; false while it is left alone, longer each time, up to an hour. */
  mayReplace(policy: Policy): boolean
  /** To be called after a replacement. */
  noteReplaced(policy: Policy): void
  /** To be called with the policies whose subscriptions are in order. */
  noteKept(policies: readonly Policy[]): void
  isContested(policy: Policy): boolean
}

/** @param now in milliseconds, from a clock that only goes on */
export function createContestedPolicies(now: () => number): ContestedPolicies {
  const replaced = new Map<string, { count: number; at: number; until: number }>()
  const isContested = (policy: Policy) =>
    (replaced.get(keyOf(policy))?.count ?? 0) >= MOST_REPLACEMENTS

  return {
    isContested,
    mayReplace: (policy) =>
      !isContested(policy) || now() >= (replaced.get(keyOf(policy))?.until ?? 0),
    noteReplaced(policy) {
      const count = (replaced.get(keyOf(policy))?.count ?? 0) + 1
      const pause = Math.min(
        FIRST_PAUSE * 2 ** Math.max(0, count - MOST_REPLACEMENTS),
        LONGEST_PAUSE,
      )
      replaced.set(keyOf(policy), { count, at: now(), until: now() + pause })
    },
    noteKept(policies) {
      for (const policy of policies) {
        const last = replaced.get(keyOf(policy))?.at ?? now()
        if (now() - last >= OVER) replaced.delete(keyOf(policy))
      }
    },
  }
}
