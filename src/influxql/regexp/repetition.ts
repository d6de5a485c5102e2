import type { Pattern } from './pattern.js'

/** How often at least and at most; -1 is without limit. */
export interface Repetition {
  min: number
  max: number
}

/** What stands for a number that is too large for any purpose. */
const TOO_LARGE = -1

const COUNTED = /\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y

/** Reads `*`, `+`, `?` or `{2,3}`; undefined if there is none, as for a brace that means itself. */
export function readRepetition(p: Pattern): Repetition | undefined {
  if (p.has('*') || p.has('+') || p.has('?')) {
    p.at++
    return { min: 0, max: 0 }
  }
  COUNTED.lastIndex = p.at
  const found = COUNTED.exec(p.text)
  if (found === null) return undefined
  p.at += found[0].length
  const min = count(found[1] as string)
  if (found[2] === undefined) return { min, max: min }
  if (found[3] === undefined) return { min, max: -1 }
  const max = count(found[3])
  return { min: max === TOO_LARGE ? TOO_LARGE : min, max }
}

function count(digits: string): number {
  return digits.length > 9 ? TOO_LARGE : Number(digits)
}
