import { shown } from './printable.js'

/** Longer names are not compared. */
const LONGEST = 64

/**
 * The candidate that `name` was probably meant to be: at most a third of its letters are wrong, missing,
 * too many or exchanged with a neighbour. Undefined if there is none.
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > LONGEST) return undefined
  let best: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = distanceOf(name.toLowerCase(), candidate)
    if (distance < least && distance <= Math.max(name.length, candidate.length) / 3) {
      least = distance
      best = candidate
    }
  }
  return best
}

/** The edit distance with exchanged neighbours counted once (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  let older: number[] = []
  let old = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(at(old, j) + 1, at(row, j - 1) + 1, at(old, j - 1) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(older, j - 2) + 1)
      }
      row.push(cost)
    }
    older = old
    old = row
  }
  return at(old, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] as number
}

/** `, did you mean "x"?` for what was probably meant; nothing if that cannot be guessed. */
export function suggestion(name: string, candidates: readonly string[]): string {
  const byLetters = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]))
  const found = byLetters.get(nearest(name, [...byLetters.keys()]) ?? '')
  return found === undefined ? '' : `, did you mean ${shown(found)}?`
}
