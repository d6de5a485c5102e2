import { readableText } from './scanner/readable-text.js'
import { Scanner } from './scanner/scanner.js'
import type { Token } from './scanner/token.js'

export const REDACTED = '[REDACTED]'

/** How a statement with a password goes, from its first word to the password. */
const CREATE_USER: readonly Token[] = ['CREATE', 'USER', 'IDENT', 'WITH', 'PASSWORD', 'STRING']
const SET_PASSWORD: readonly Token[] = ['SET', 'PASSWORD', 'FOR', 'IDENT', '=', 'STRING']

/** What may follow a password. */
const TAIL: readonly Token[] = ['WITH', 'ALL', 'PRIVILEGES']

/**
 * A text that may not be InfluxQL, fit for logs: without strings, comments and passwords. A statement that is parsed is shown
 * by `printRedacted` instead.
 *
 * It goes by tokens. Where a statement with a password is not as it should be, or a string has no end, all the rest of the text
 * is redacted: nobody can tell what of it was meant to be the password.
 */
export function redactText(text: string): string {
  const readable = readableText(text)
  const scanner = new Scanner(readable)
  const statement = new SecretStatement()
  let shown = ''
  for (let from = 0; from < readable.length; from = scanner.end) {
    const token = scanner.scan()
    if (token === 'EOF') break
    if (token === 'WS' || token === 'COMMENT') {
      shown += ' '
      continue
    }
    if (token === 'BADSTRING' || token === 'BADESCAPE' || !statement.allows(token))
      return shown + REDACTED
    shown += token === 'STRING' ? REDACTED : readable.slice(from, scanner.end)
  }
  return shown
}

/** Follows a statement as far as it is needed to know where its password is. */
class SecretStatement {
  #count = 0
  #first: Token = 'EOF'
  #words: readonly Token[] | undefined

  /** Whether a token may be shown, if it is not a string: a word in the place of a password, or behind it, may not. */
  allows(token: Token): boolean {
    if (token === ';') {
      this.#count = 0
      this.#words = undefined
      return true
    }
    const at = this.#count++
    if (at === 0) {
      this.#first = token
      if (token === 'SET') this.#words = SET_PASSWORD
    } else if (at === 1 && this.#first === 'CREATE' && token === 'USER') this.#words = CREATE_USER
    const words = this.#words
    if (words === undefined) return token !== 'PASSWORD'
    return at < words.length ? token === words[at] : token === TAIL[at - words.length]
  }
}
