import { nearest } from '../config/nearest.js'
import { shown } from '../config/printable.js'

/** `, did you mean "x"?` for what was probably meant; nothing if that cannot be guessed. */
export function suggestion(name: string, candidates: readonly string[]): string {
  const byLetters = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]))
  const found = byLetters.get(nearest(name, [...byLetters.keys()]) ?? '')
  return found === undefined ? '' : `, did you mean ${shown(found)}?`
}
