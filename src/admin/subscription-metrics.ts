import { Counter, Gauge, Registry } from 'prom-client'

/** What is counted of the subscriptions that a gateway keeps. */
export interface SubscriptionFigures {
  /** Undefined before the first look. */
  readonly kept: number | undefined
  readonly problem: string | undefined
  readonly created: number
  readonly dropped: number
  readonly revoked: number
  readonly failures: number
}

const CHANGES = ['created', 'dropped', 'revoked'] as const

/** Shows the subscriptions in InfluxDB that a gateway keeps, whenever metrics are asked for. */
export function createSubscriptionMetrics(figures: () => SubscriptionFigures): {
  snapshot(): Promise<object[]>
} {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({
    name: 'kapacitor_auth_subscriptions',
    help: 'How many subscriptions this gateway keeps in InfluxDB.',
    registers,
    collect() {
      this.set(figures().kept ?? 0)
    },
  })
  new Gauge({
    name: 'kapacitor_auth_subscriptions_in_order',
    help: 'Whether the last look at the subscriptions succeeded: 1 or 0.',
    registers,
    collect() {
      const { kept, problem } = figures()
      this.set(kept !== undefined && problem === undefined ? 1 : 0)
    },
  })
  new Counter({
    name: 'kapacitor_auth_subscription_changes_total',
    help: 'Subscriptions created and dropped, and tokens of subscriptions revoked.',
    labelNames: ['change'],
    registers,
    collect() {
      this.reset()
      for (const change of CHANGES) this.inc({ change }, figures()[change])
    },
  })
  new Counter({
    name: 'kapacitor_auth_subscription_failures_total',
    help: 'Looks at the subscriptions that did not succeed.',
    registers,
    collect() {
      this.reset()
      this.inc(figures().failures)
    },
  })
  return { snapshot: () => registry.getMetricsAsJSON() }
}
