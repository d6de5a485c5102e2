import { regexpError } from '../regexp/regexp-error.js'
import { DOLLAR, END, isWhitespace, SLASH } from '../scanner/characters.js'
import { positionOf } from '../scanner/position.js'
import { Scanner } from '../scanner/scanner.js'
import type { Token } from '../scanner/token.js'
import type { BoundParameters } from '../values/bound-parameters.js'
import { ParseFailure } from './parse-failure.js'

/** How many tokens can be taken back. */
const KEPT = 3

/**
 * A text being parsed: its tokens, of which the last three can be taken back, with bound parameters put in.
 *
 * What is looked at with `peek` is the character behind the last token that was scanned, whether or not it was taken back.
 * That is how InfluxQL tells a regular expression from a division, so it is kept as it is.
 */
export class Parser {
  readonly #text: string
  readonly #scanner: Scanner
  readonly #parameters: BoundParameters
  readonly #maxDepth: number
  #depth = 0
  readonly #tokens: Token[] = ['EOF', 'EOF', 'EOF']
  readonly #literals: string[] = ['', '', '']
  readonly #offsets: number[] = [0, 0, 0]
  #index = 0
  #takenBack = 0

  /** The last token that was read, what it says, and where it begins. */
  token: Token = 'EOF'
  literal = ''
  offset = 0

  /** Whether a statement with a password has begun: what is found from then on is redacted in errors. */
  hasSecrets = false

  /** @param text with `\n` as the only line break */
  constructor(text: string, parameters: BoundParameters, maxDepth: number) {
    this.#text = text
    this.#scanner = new Scanner(text)
    this.#parameters = parameters
    this.#maxDepth = maxDepth
  }

  /** The next token that is neither a blank nor a comment. */
  next(): Token {
    let token = this.#read(false)
    while (token === 'WS' || token === 'COMMENT') token = this.#read(false)
    return token
  }

  /** The next token of any kind. */
  nextRaw(): Token {
    return this.#read(false)
  }

  /** Takes back the last token, or one more. */
  unread(): void {
    this.#takenBack++
  }

  /** Whether the next token is this one; if not, it is left. */
  accept(token: Token): boolean {
    if (this.next() === token) return true
    this.unread()
    return false
  }

  /** Reads these tokens and no others. */
  expect(...tokens: Token[]): void {
    for (const token of tokens) {
      if (this.next() !== token) throw this.unexpected(token)
    }
  }

  /** The character behind what has been scanned. */
  peek(): number {
    return this.#scanner.peek()
  }

  skipBlank(): void {
    if (this.nextRaw() !== 'WS') this.unread()
  }

  name(): string {
    if (this.next() !== 'IDENT') throw this.unexpected('identifier')
    return this.literal
  }

  string(): string {
    if (this.next() !== 'STRING') throw this.unexpected('string')
    return this.literal
  }

  /** The source of a regular expression, if one is next. */
  regex(): string | undefined {
    if (isWhitespace(this.peek())) this.skipBlank()
    const code = this.peek()
    if (code === END) return undefined
    if (code === DOLLAR) {
      const token = this.nextRaw()
      this.unread()
      if (token !== 'REGEX') return undefined
    } else if (code !== SLASH) return undefined
    const token = this.#read(true)
    if (token === 'BADESCAPE') throw this.failAt(`bad escape: ${this.literal}`, this.offset)
    if (token === 'BADREGEX') throw this.failAt('bad regex: ', this.offset)
    if (token !== 'REGEX') throw this.unexpected('regex')
    const error = regexpError(this.literal)
    if (error !== undefined) throw this.failAt(error, this.offset)
    return this.literal
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > this.#maxDepth) {
      throw this.failAt(`nesting too deep: at most ${this.#maxDepth} levels`, this.offset)
    }
    const result = parse()
    this.#depth--
    return result
  }

  /** `found X, expected A, B` for the last token. */
  unexpected(...expected: string[]): ParseFailure {
    const { token, literal, offset } = this
    return this.unexpectedAt({ token, literal, offset }, expected)
  }

  unexpectedAt(
    found: { token: Token; literal: string; offset: number },
    expected: readonly string[],
  ): ParseFailure {
    const rest = `, expected ${expected.join(', ')} at ${this.where(found.offset)}`
    const isSecret = found.literal !== '' && (this.hasSecrets || VALUES.has(found.token))
    const shown = found.literal || (found.token === 'COMMENT' ? '' : found.token)
    return new ParseFailure(
      `found ${shown}${rest}`,
      isSecret ? `found [REDACTED]${rest}` : undefined,
    )
  }

  failAt(message: string, offset: number): ParseFailure {
    return new ParseFailure(`${message} at ${this.where(offset)}`)
  }

  /** What a bound parameter that could not be put in is called, and whether there is one of that name. */
  describeParameter(literal: string): ParseFailure {
    const name = literal.startsWith('$') ? literal.slice(1) : literal
    if (name === '') return new ParseFailure('empty bound parameter')
    const value = this.#parameters.get(name)
    return new ParseFailure(value?.literal ?? `missing parameter: ${name}`)
  }

  /** `line 1, char 8` */
  where(offset: number): string {
    const { line, char } = positionOf(this.#text, offset)
    return `line ${line}, char ${char}`
  }

  #read(asRegex: boolean): Token {
    if (this.#takenBack > 0) {
      this.#takenBack--
    } else {
      const scanner = this.#scanner
      this.#index = (this.#index + 1) % KEPT
      this.#tokens[this.#index] = asRegex ? scanner.scanRegex() : scanner.scan()
      this.#literals[this.#index] = scanner.literal
      this.#offsets[this.#index] = scanner.offset
    }
    const at = (this.#index - this.#takenBack + KEPT) % KEPT
    this.offset = this.#offsets[at] as number
    this.literal = this.#literals[at] as string
    this.token = this.#tokens[at] as Token
    if (this.token === 'BOUNDPARAM') this.#putIn()
    return this.token
  }

  #putIn(): void {
    const value = this.#parameters.get(this.literal.slice(1))
    if (value === undefined || this.literal === '$') return
    this.token = value.token
    this.literal = value.literal
  }
}

const VALUES: ReadonlySet<Token> = new Set<Token>(['STRING', 'BADSTRING', 'BADESCAPE'])
