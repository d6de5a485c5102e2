import {
  BACKSLASH,
  DOLLAR,
  DOT,
  DOUBLE_QUOTE,
  END,
  isDigit,
  isNamePart,
  isNameStart,
  isUnitPart,
  isWhitespace,
  MINUS,
  NEWLINE,
  QUOTE,
  SLASH,
  STAR,
} from './characters.js'
import { MARKS } from './marks.js'
import { keywordOf, type Token } from './token.js'

const ESCAPES = new Map([
  ['n'.charCodeAt(0), '\n'],
  [BACKSLASH, '\\'],
  [DOUBLE_QUOTE, '"'],
  [QUOTE, "'"],
])

/**
 * Reads a text token by token: one pass, no token twice. What a string, a number or a name says is in `literal`, where
 * the token begins in `offset`.
 *
 * It keeps two habits of the real scanner, because error texts show them: a quoted token is said to begin one character
 * earlier, and some tokens consume the end of the text, which moves the end one character to the right.
 */
export class Scanner {
  readonly #text: string
  #at = 0
  /** Where the last token begins, in UTF-16 code units; behind the text for one read after its end. */
  offset = 0
  /** What the last token says; empty for keywords and marks. */
  literal = ''

  /** @param text with `\n` as the only line break */
  constructor(text: string) {
    this.#text = text
  }

  /** The next token; blanks and comments are tokens, too. */
  scan(): Token {
    const at = this.#at
    const code = this.#read()
    this.offset = at
    this.literal = ''
    if (isWhitespace(code)) return this.#whitespace(at)
    if (isNameStart(code)) return this.#bareName(at)
    if (isDigit(code)) return this.#number(at)
    switch (code) {
      case END:
        return 'EOF'
      case DOUBLE_QUOTE:
        return this.#quotedName(at)
      case QUOTE:
        return this.#string(QUOTE)
      case DOT:
        return isDigit(this.#code(this.#at)) ? this.#number(at) : '.'
      case DOLLAR:
        return this.#boundParameter(at)
      case MINUS:
        return this.#minus()
      case SLASH:
        return this.#slash()
    }
    return this.#mark(at, code)
  }

  /** The next token as a regular expression between slashes. */
  scanRegex(): Token {
    this.offset = this.#at - 1
    this.literal = ''
    if (this.#read() !== SLASH) return 'BADREGEX'
    let literal = ''
    for (let from = this.#at; ; ) {
      const code = this.#read()
      if (code === SLASH) {
        this.literal = literal + this.#text.slice(from, this.#at - 1)
        return 'REGEX'
      }
      if (code === END || code === NEWLINE) return 'BADREGEX'
      if (code !== BACKSLASH || this.#code(this.#at) !== SLASH) continue
      literal += this.#text.slice(from, this.#at - 1)
      from = this.#at++
    }
  }

  /** Where the last token ends, in UTF-16 code units. */
  get end(): number {
    return Math.min(this.#at, this.#text.length)
  }

  /** The character behind what has been scanned, which stays; the end of the text does not. */
  peek(): number {
    const code = this.#code(this.#at)
    if (code === END) this.#at++
    return code
  }

  #code(at: number): number {
    return at < this.#text.length ? this.#text.charCodeAt(at) : END
  }

  #read(): number {
    return this.#code(this.#at++)
  }

  #whitespace(from: number): Token {
    let at = this.#at
    while (isWhitespace(this.#code(at))) at++
    this.literal = this.#text.slice(from, at)
    this.#at = at < this.#text.length ? at : at + 1
    return 'WS'
  }

  #bareName(from: number): Token {
    const word = this.#word(from)
    // A quote right behind a bare name begins another one, which wins
    if (this.#code(this.#at) === DOUBLE_QUOTE) {
      this.#at++
      return this.#quotedName(from)
    }
    if (this.#at >= this.#text.length) this.#at += 2
    const keyword = keywordOf(word)
    if (keyword !== undefined) return keyword
    this.literal = word
    return 'IDENT'
  }

  #word(from: number): string {
    let at = this.#at
    while (isNamePart(this.#code(at))) at++
    this.#at = at
    return this.#text.slice(from, at)
  }

  #quotedName(from: number): Token {
    const token = this.#string(DOUBLE_QUOTE)
    if (token !== 'STRING') return token
    this.offset = from
    return 'IDENT'
  }

  #boundParameter(from: number): Token {
    let token: Token = 'IDENT'
    const word = this.#word(this.#at)
    if (this.#code(this.#at) === DOUBLE_QUOTE) {
      this.#at++
      token = this.#quotedName(from)
    } else {
      this.literal = word
      if (this.#at >= this.#text.length) this.#at += word === '' ? 1 : 2
    }
    this.offset = from
    this.literal = `$${this.literal}`
    return token === 'IDENT' ? 'BOUNDPARAM' : token
  }

  /** A string, its opening quote read already. */
  #string(quote: number): Token {
    this.offset = Math.max(this.#at - 2, 0)
    let literal = ''
    for (let from = this.#at; ; ) {
      const code = this.#read()
      if (code !== quote && code !== END && code !== NEWLINE && code !== BACKSLASH) continue
      literal += this.#text.slice(from, this.#at - 1)
      if (code !== BACKSLASH) {
        this.literal = literal
        return code === quote ? 'STRING' : 'BADSTRING'
      }
      const escaped = ESCAPES.get(this.#code(this.#at))
      if (escaped === undefined) return this.#badEscape()
      literal += escaped
      from = ++this.#at
    }
  }

  #badEscape(): Token {
    const point = this.#text.codePointAt(this.#at)
    this.offset = this.#at
    this.literal = `\\${point === undefined ? '\0' : String.fromCodePoint(point)}`
    this.#at += point !== undefined && point > 0xffff ? 2 : 1
    return 'BADESCAPE'
  }

  #digits(): void {
    while (isDigit(this.#code(this.#at))) this.#at++
  }

  /** A number, an integer or a duration, its first character read already. */
  #number(from: number): Token {
    this.#at = from
    this.#digits()
    if (this.#code(this.#at) === DOT) return this.#fraction(from)
    let token: Token = 'INTEGER'
    if (isUnitPart(this.#code(this.#at))) {
      token = 'DURATIONVAL'
      while (isUnitPart(this.#code(this.#at)) || isDigit(this.#code(this.#at))) this.#at++
    }
    this.literal = this.#text.slice(from, this.#at)
    return token
  }

  /** The dot is part of the number, also with no digit behind it. */
  #fraction(from: number): Token {
    const dot = this.#at++
    this.#digits()
    this.literal = this.#text.slice(from, this.#at > dot + 1 ? this.#at : dot)
    return 'NUMBER'
  }

  #minus(): Token {
    if (this.#code(this.#at) !== MINUS) return '-'
    const newline = this.#text.indexOf('\n', this.#at)
    this.#at = (newline < 0 ? this.#text.length : newline) + 1
    return 'COMMENT'
  }

  #slash(): Token {
    if (this.#code(this.#at) !== STAR) return '/'
    const end = this.#text.indexOf('*/', this.#at + 1)
    this.#at = end < 0 ? this.#text.length + 1 : end + 2
    return end < 0 ? 'ILLEGAL' : 'COMMENT'
  }

  #mark(at: number, code: number): Token {
    const mark = MARKS.get(code)
    if (mark === undefined) return this.#illegal(at)
    const pair = mark.pairs.get(this.#code(this.#at))
    if (pair !== undefined) {
      this.#at++
      return pair
    }
    return mark.alone === 'ILLEGAL' ? this.#illegal(at) : mark.alone
  }

  #illegal(at: number): Token {
    this.literal = String.fromCodePoint(this.#text.codePointAt(at) as number)
    this.#at = at + this.literal.length
    return 'ILLEGAL'
  }
}
