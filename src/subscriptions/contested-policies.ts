import type { Milliseconds } from '../time.js'
import { keyOf, type Policy } from './influxdb-subscription.js'

/** After so many times in a row it is not chance: somebody undoes it each time. */
const MOST_TRIES = 3

const FIRST_PAUSE: Milliseconds = 60_000
const LONGEST_PAUSE: Milliseconds = 3_600_000

/** After this time in order it is over. Two gateways may look at different intervals. */
const OVER: Milliseconds = 600_000

/** Remembers for which retention policies the same change of a subscription was made again and again. */
export interface ContestedPolicies {
  /** Whether it is to be made now; false while the subscription is left alone, longer each time, up to an hour. */
  mayTry(policy: Policy): boolean
  /** To be called after the change. */
  noteTried(policy: Policy): void
  /** To be called with the policies whose subscriptions are in order. */
  noteKept(policies: readonly Policy[]): void
  isContested(policy: Policy): boolean
}

/** @param now in milliseconds, from a clock that only goes on */
export function createContestedPolicies(now: () => number): ContestedPolicies {
  const tried = new Map<string, { count: number; at: number; until: number }>()
  const isContested = (policy: Policy) => (tried.get(keyOf(policy))?.count ?? 0) >= MOST_TRIES

  return {
    isContested,
    mayTry: (policy) => !isContested(policy) || now() >= (tried.get(keyOf(policy))?.until ?? 0),
    noteTried(policy) {
      const count = (tried.get(keyOf(policy))?.count ?? 0) + 1
      const pause = Math.min(FIRST_PAUSE * 2 ** Math.max(0, count - MOST_TRIES), LONGEST_PAUSE)
      tried.set(keyOf(policy), { count, at: now(), until: now() + pause })
    },
    noteKept(policies) {
      for (const policy of policies) {
        const last = tried.get(keyOf(policy))?.at ?? now()
        if (now() - last >= OVER) tried.delete(keyOf(policy))
      }
    },
  }
}
