import { nearest } from '../text/nearest.js'
import { escaped } from '../text/printable.js'
import { homeOf, titleOf } from './sections/config-file.js'
import type { Key } from './sections/section-key.js'
import { keyNames, type SectionName } from './sections/sections.js'
import type { Setting } from './setting.js'

/** One line: where, which key, its value (masked if secret), what is wrong, what was expected. */
export function wrongValue(setting: Setting, key: Key, hint: string): string {
  const { kind } = key
  const because = hint === '' ? '' : ` (${hint})`
  const given = `${titleOf(setting)} = ${kind.show(setting.value)}`
  return line(setting.where, `${given}${because}; expected ${kind.expected}`)
}

/**
 * One line for a key that does not exist, with the right name if it can be guessed. The value is left
 * out: it may be that of a misspelt password.
 *
 * @param spelling how a key is written where this one was found
 */
export function unknownKey(
  where: string,
  section: SectionName,
  name: string,
  spelling: (section: SectionName, name: string) => string,
): string {
  const { file, heading } = homeOf(section)
  const homes = [...file.sections.values()].filter((other) => keyNames(other).includes(name))
  const near = nearest(name, keyNames(section))
  const guesses = homes.length > 0 ? homes.map((home) => spelling(home, name)) : []
  if (guesses.length === 0 && near !== undefined) guesses.push(spelling(section, near))
  const guess = guesses.length > 0 ? `; did you mean ${guesses.join(' or ')}?` : ''
  return line(where, `[${heading}] has no key ${escaped(JSON.stringify(name))}${guess}`)
}

/** One line of the report. */
export function line(where: string, text: string): string {
  return `${escaped(where)}: ${text}`
}
