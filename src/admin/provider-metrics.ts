import { Counter, Gauge, type Registry } from 'prom-client'
import type { ProviderStatus } from '../token/provider/provider-verifier.js'

/**
 * Reads what is known of the identity provider whenever metrics are asked for; where there is none, nothing is shown.
 *
 * @param read its status just now
 * @param now milliseconds since the epoch
 */
export function registerProviderMetrics(
  registers: Registry[],
  read: () => ProviderStatus | undefined,
  now: () => number = Date.now,
): void {
  new Gauge({
    name: 'kapacitor_auth_provider_keys',
    help: 'Keys of the identity provider that are known: of the process that knows the fewest.',
    aggregator: 'min',
    registers,
    collect() {
      set(this, read()?.keys)
    },
  })
  new Gauge({
    name: 'kapacitor_auth_provider_keys_age_seconds',
    help: "How long ago the identity provider's keys were fetched: by the process where that is longest.",
    aggregator: 'max',
    registers,
    collect() {
      const fetchedAt = read()?.fetchedAt
      set(this, fetchedAt === undefined ? undefined : (now() - fetchedAt) / 1000)
    },
  })
  registerOutcomes(registers, {
    name: 'kapacitor_auth_provider_fetches_total',
    help: "Fetches of the identity provider's keys, by how they ended.",
    read: () => read()?.outcomes.fetches,
  })
  registerOutcomes(registers, {
    name: 'kapacitor_auth_provider_tokens_total',
    help: 'Tokens of the identity provider that were checked, and not only remembered, by how that ended.',
    read: () => read()?.outcomes.tokens,
  })
}

function set(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove()
  else gauge.set(value)
}

interface OutcomesOptions {
  readonly name: string
  readonly help: string
  readonly read: () => Readonly<Record<string, number>> | undefined
}

/** A counter by outcome. A provider that takes another's place starts at zero, and adds to what there was. */
function registerOutcomes(registers: Registry[], { name, help, read }: OutcomesOptions): void {
  const seen = new Map<string, number>()
  new Counter({
    name,
    help,
    labelNames: ['outcome'],
    registers,
    collect() {
      for (const [outcome, count] of Object.entries(read() ?? {})) {
        const before = seen.get(outcome) ?? 0
        this.inc({ outcome }, count < before ? count : count - before)
        seen.set(outcome, count)
      }
    },
  })
}
