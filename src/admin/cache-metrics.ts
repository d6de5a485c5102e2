import { Counter, Gauge, type Registry } from 'prom-client'
import type { AuthStats } from '../middleware/own-login.js'
import { registerProviderMetrics } from './provider-metrics.js'

/** Figures on the cache and the hashing threads, just now; undefined if there are none. */
export type StatsSource = () => AuthStats | undefined

/** Reads cache and hashing figures whenever metrics are asked for. Returns a function that replaces the source. */
export function registerCacheMetrics(registers: Registry[], first: StatsSource = () => undefined) {
  let source = first
  const gauge = (name: string, help: string, read: (stats: AuthStats) => number | undefined) =>
    new Gauge({
      name: `kapacitor_auth_${name}`,
      help,
      registers,
      collect() {
        const stats = source()
        const value = stats && read(stats)
        if (value === undefined) this.remove()
        else this.set(value)
      },
    })
  gauge('cache_entries', 'Accounts in the cache.', (stats) => stats.cached)
  gauge('hashing_running', 'Passwords being hashed.', (stats) => stats.hashing)
  gauge('hashing_waiting', 'Passwords waiting to be hashed.', (stats) => stats.waiting)

  gauge(
    'push_up',
    'Whether the change feed of a meta node is connected: 1 or 0 for each process.',
    ({ push }) => (push ? Number(push.up) : undefined),
  )
  registerProviderMetrics(registers, () => source()?.provider)

  const counters = [
    createCounter(registers, {
      name: 'kapacitor_auth_cache_evictions_total',
      help: 'Accounts evicted from the cache to make room for others.',
      read: () => source()?.evictions,
    }),
    createCounter(registers, {
      name: 'kapacitor_auth_push_events_total',
      help: 'Change events received from meta nodes.',
      read: () => source()?.push?.events,
    }),
  ]

  return function setStats(next: StatsSource): void {
    if (next === source) return
    for (const { count } of counters) count()
    source = next
    for (const { restart } of counters) restart()
  }
}

interface CounterOptions {
  readonly name: string
  readonly help: string
  readonly read: () => number | undefined
}

/** A counter of what is counted elsewhere: a source that starts again at zero, as at a reload, adds to what there was. */
function createCounter(registers: Registry[], { name, help, read }: CounterOptions) {
  let seen = 0 // the source's figure that is counted already
  const counter = new Counter({ name, help, registers, collect: count })

  function count(): void {
    const now = read()
    if (now === undefined) return
    counter.inc(now < seen ? now : now - seen)
    seen = now
  }

  return {
    count,
    restart() {
      seen = 0
    },
  }
}
