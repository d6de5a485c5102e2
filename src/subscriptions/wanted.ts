import { keyOf, type Policy } from './influxdb-subscription.js'

export interface WantedOptions {
  /** Only these; none: all. */
  readonly include: readonly Policy[]
  /** Not these, even if they are included. */
  readonly exclude: readonly Policy[]
}

/** Whether a retention policy is to have a subscription: as Kapacitor reads `subscriptions` and `excluded-subscriptions`. */
export function createWanted({ include, exclude }: WantedOptions): (policy: Policy) => boolean {
  const included = new Set(include.map(keyOf))
  const excluded = new Set(exclude.map(keyOf))
  return (policy) => {
    const key = keyOf(policy)
    return (included.size === 0 || included.has(key)) && !excluded.has(key)
  }
}
