import type { Decision } from '../middleware/decision.js'

/** How many decisions of one kind there were. */
export interface Tally extends Pick<Decision, 'outcome' | 'code' | 'via'> {
  count: number
}

/** Counts decisions by what matters for metrics: two look-ups each, and nothing is made but for a kind's first. */
export function createTallies() {
  const byVia = new Map<Decision['via'], Map<Decision['code'], Tally>>()

  return {
    add({ via, code, outcome }: Decision): void {
      const byCode = byVia.get(via) ?? new Map<Decision['code'], Tally>()
      const tally = byCode.get(code) // the outcome follows from the code
      if (tally) tally.count++
      else byVia.set(via, byCode.set(code, { outcome, code, via, count: 1 }))
    },

    *[Symbol.iterator](): Generator<Readonly<Tally>> {
      for (const byCode of byVia.values()) yield* byCode.values()
    },

    /** How many became known that way. */
    known(via: Decision['via']): number {
      let count = 0
      for (const tally of byVia.get(via)?.values() ?? []) count += tally.count
      return count
    },
  }
}
