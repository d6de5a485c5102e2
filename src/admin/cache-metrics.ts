import { Counter, Gauge, type Registry } from 'prom-client'
import type { AuthStats } from '../middleware/kapacitor-auth.js'

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
  gauge('cache_entries', 'Users that are remembered.', (stats) => stats.cached)
  gauge('hashing_running', 'Passwords that are being hashed.', (stats) => stats.hashing)
  gauge('hashing_waiting', 'Passwords that wait to be hashed.', (stats) => stats.waiting)

  let seen = 0 // the source's figure that is counted already
  const evictions = new Counter({
    name: 'kapacitor_auth_cache_evictions_total',
    help: 'Users that had to go from the cache for others.',
    registers,
    collect: count,
  })

  /** A source that has begun anew, as a cache does when the configuration is read again, adds to what there was. */
  function count(): void {
    const now = source()?.evictions
    if (now === undefined) return
    evictions.inc(now < seen ? now : now - seen)
    seen = now
  }

  return function setStats(next: StatsSource): void {
    if (next === source) return
    count()
    source = next
    seen = 0
  }
}
