import { maskTokens } from './mask-tokens.js'
import { MASK } from './secret.js'

/** Characters that would break a line, hide text or steer a terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** The longest value shown, in characters. */
const LONGEST = 80

/** `text` with every control, formatting and line separating character written as `\uXXXX`. */
export function escaped(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** `text` in double quotes as JSON writes it, on one line; a private key in PEM is masked. */
export function quoted(text: string): string {
  return text.includes('-----BEGIN') ? MASK : escaped(JSON.stringify(text))
}

/** A value as somebody gave it, for a message: short, on one line, without the inside of a table. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(shortened(value))
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return shortened(String(value))
  }
  if (value instanceof Date) return 'a date'
  if (!Array.isArray(value)) return 'a table'
  if (!value.every((item) => typeof item === 'string')) return 'an array'
  return shortened(`[${value.map(quoted).join(', ')}]`)
}

function shortened(text: string): string {
  const characters = [...maskTokens(text)]
  return characters.length > LONGEST
    ? `${characters.slice(0, LONGEST - 1).join('')}…`
    : characters.join('')
}
