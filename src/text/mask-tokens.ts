import { MASK } from './secret.js'

/** An own token, and the password of `~subscriber`; the sign before the digits may be escaped, as in a path. */
const TOKEN = /(kapa1(?:_|%5f)|(?:~subscriber|_sub)(?::|%3a))[0-9a-f]{64}/gi

/** The text without the tokens that somebody gave in the wrong place: `kapa1_***`. */
export function maskTokens(text: string): string {
  return text.replace(TOKEN, `$1${MASK}`)
}
