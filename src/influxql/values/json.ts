/** A number as it is written: `1` and `1.0` differ in InfluxQL, and 64-bit integers do not fit a JavaScript number. */
export interface JsonNumber {
  number: string
}

export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject

/** The entries of an object in their order; of two with the same key the later one counts. */
export type JsonObject = ReadonlyMap<string, Json>

/** How deep arrays and objects may nest. */
const MAX_DEPTH = 16

const BLANKS = /[ \t\r\n]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const LITERAL = /true|false|null/y

/**
 * Reads JSON (RFC 8259) and keeps numbers as they are written.
 *
 * @throws SyntaxError in the words of Go's encoding/json, which name no more than one character of the text
 */
export function parseJson(text: string): Json {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

/** Reads the JSON at the beginning of a text; what follows is not looked at. @throws SyntaxError as `parseJson` */
export function parseLeadingJson(text: string): Json {
  return new Reader(text).value(0)
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): Json {
    if (depth > MAX_DEPTH) throw new SyntaxError('exceeded max depth')
    this.#take(BLANKS)
    const char = this.#text.charAt(this.#at)
    if (char === '{') return this.#object(depth)
    if (char === '[') return this.#array(depth)
    if (char === '"') return this.#string()
    const literal = this.#take(LITERAL)
    if (literal !== undefined) return literal === 'null' ? null : literal === 'true'
    const number = this.#take(NUMBER)
    if (number === undefined) throw this.#wrong('looking for beginning of value')
    return { number }
  }

  end(): void {
    this.#take(BLANKS)
    if (this.#at < this.#text.length) throw this.#wrong('after top-level value')
  }

  #object(depth: number): JsonObject {
    const entries = new Map<string, Json>()
    this.#at++
    if (this.#mark('}')) return entries
    for (;;) {
      this.#take(BLANKS)
      if (this.#text.charAt(this.#at) !== '"') {
        throw this.#wrong('looking for beginning of object key string')
      }
      const key = this.#string()
      if (!this.#mark(':')) throw this.#wrong('after object key')
      entries.set(key, this.value(depth + 1))
      if (this.#mark('}')) return entries
      if (!this.#mark(',')) throw this.#wrong('after object key:value pair')
    }
  }

  #array(depth: number): Json[] {
    const items: Json[] = []
    this.#at++
    if (this.#mark(']')) return items
    for (;;) {
      items.push(this.value(depth + 1))
      if (this.#mark(']')) return items
      if (!this.#mark(',')) throw this.#wrong('after array element')
    }
  }

  #string(): string {
    const from = this.#at
    const to = this.#endOfString()
    if (to === undefined) throw new SyntaxError(EOF)
    try {
      const value = JSON.parse(this.#text.slice(from, to)) as string
      this.#at = to
      return value.toWellFormed()
    } catch {
      throw new SyntaxError('invalid character in string literal')
    }
  }

  /** A regular expression would need a stack as deep as there are escapes. */
  #endOfString(): number | undefined {
    if (this.#text.charAt(this.#at) !== '"') return undefined
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text.charAt(at)
      if (char === '"') return at + 1
      if (char === '\\') at++
    }
    return undefined
  }

  #mark(mark: string): boolean {
    this.#take(BLANKS)
    if (this.#text.charAt(this.#at) !== mark) return false
    this.#at++
    return true
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found === undefined) return undefined
    this.#at += found.length
    return found
  }

  #wrong(where: string): SyntaxError {
    const char = this.#text.charAt(this.#at)
    return new SyntaxError(char === '' ? EOF : `invalid character ${quoteByte(char)} ${where}`)
  }
}

const EOF = 'unexpected EOF'

/** Go goes by bytes. */
function quoteByte(char: string): string {
  if (char === "'") return "'\\''"
  const [byte = 0] = new TextEncoder().encode(char)
  const isPrintable = (byte >= 0x20 && byte < 0x7f) || byte > 0xa0
  return `'${isPrintable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`}'`
}
