import type { Decision } from '../middleware/decision.js'

/** How many decisions of one kind there were. */
export interface Tally extends Pick<Decision, 'door' | 'outcome' | 'code' | 'via'> {
  count: number
}

type ByCode = Map<Decision['code'], Tally>

/** Counts decisions by what matters for metrics: three look-ups each, and nothing is made but for the first of a kind. */
export function createTallies() {
  const byDoor = new Map<Decision['door'], Map<Decision['via'], ByCode>>()

  function* all(): Generator<Tally> {
    for (const byVia of byDoor.values()) for (const byCode of byVia.values()) yield* byCode.values()
  }

  return {
    add({ door, via, code, outcome }: Decision): void {
      const byVia = byDoor.get(door) ?? new Map<Decision['via'], ByCode>()
      const byCode = byVia.get(via) ?? new Map<Decision['code'], Tally>()
      const tally = byCode.get(code) // the outcome follows from the code
      if (tally) tally.count++
      else {
        byCode.set(code, { door, outcome, code, via, count: 1 })
        byDoor.set(door, byVia.set(via, byCode))
      }
    },

    [Symbol.iterator]: (): Iterator<Readonly<Tally>> => all(),

    /** How many callers became known that way. */
    known(via: Decision['via']): number {
      let count = 0
      for (const tally of all()) if (tally.via === via) count += tally.count
      return count
    },
  }
}
