import { Counter, type Registry } from 'prom-client'
import type { Decision } from '../middleware/decision.js'
import { createTallies } from './tally.js'

/**
 * Counts decisions. They are counted apart and added up when they are asked for: prom-client's own counting costs more
 * than a good part of a decision.
 */
export function registerDecisionMetrics(
  registers: Registry[],
): (asked: unknown, decision: Decision) => void {
  const tallies = createTallies()
  new Counter({
    name: 'kapacitor_auth_requests_total',
    help: 'Decisions on requests, by door: allowed, refused (4xx) or failed (5xx); with which error code; and how the user became known.',
    labelNames: ['door', 'outcome', 'code', 'via'],
    registers,
    collect() {
      this.reset()
      for (const { door, outcome, code = 'none', via, count } of tallies) {
        this.inc({ door, outcome, code, via }, count)
      }
    },
  })
  new Counter({
    name: 'kapacitor_auth_cache_hits_total',
    help: 'Requests whose user was remembered.',
    registers,
    collect() {
      this.reset()
      this.inc(tallies.known('remembered'))
    },
  })
  new Counter({
    name: 'kapacitor_auth_cache_misses_total',
    help: 'Requests whose user had to be verified: by a look-up, a password hash or a token signature.',
    registers,
    collect() {
      this.reset()
      this.inc(tallies.known('verified'))
    },
  })
  return (_asked, decision) => tallies.add(decision)
}
