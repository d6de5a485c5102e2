import { Counter, type Registry } from 'prom-client'

/** What is counted of a change of users and roles. */
export interface CountedChange {
  readonly outcome: string
  readonly change: string
  readonly subject: string
}

/** Counts changes of users and roles, by door. */
export function registerChangeMetrics(
  registers: Registry[],
): (source: { readonly door?: string | undefined }, change: CountedChange) => void {
  const counter = new Counter({
    name: 'kapacitor_auth_changes_total',
    help: 'Changes of users and roles: made, unchanged (it was so already), refused (4xx) or failed (5xx); which, and by which door.',
    labelNames: ['door', 'outcome', 'subject', 'change'],
    registers,
  })
  return ({ door = 'none' }, { outcome, subject, change }) =>
    counter.inc({ door, outcome, subject, change })
}
