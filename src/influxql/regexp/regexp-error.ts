import { readCharacterClass, readNamedEscape } from './character-class.js'
import { readEscape } from './escape.js'
import { readOpening } from './group.js'
import { Pattern, RegexpFailure } from './pattern.js'
import { type Repetition, readRepetition } from './repetition.js'

/** The highest count of a repetition, nested ones multiplied. */
const MAX_REPEAT = 1000

/** How deep groups may nest. Go 1.19 allows some more, older ones had no limit and paid for it (CVE-2022-24921). */
const MAX_DEPTH = 250

/** `\A`, `\b` and the like: positions, not characters. */
const POSITIONS = 'AbBz'

/**
 * What Go says about a regular expression that is not one in the syntax of RE2; undefined if it is. An expression that is
 * too large when compiled is not noticed.
 */
export function regexpError(source: string): string | undefined {
  // Most are nothing but characters
  if (/^[\w ^$.:/-]*$/.test(source)) return undefined
  try {
    new Checker(source).check()
  } catch (error) {
    if (error instanceof RegexpFailure) return error.message
    throw error
  }
  return undefined
}

/** The product of nested repetitions: of the last item, and the greatest one of its group. */
interface Level {
  last: number
  greatest: number
}

class Checker {
  readonly #pattern: Pattern
  readonly #outer: Level[] = []
  #level: Level = { last: 0, greatest: 0 }

  constructor(source: string) {
    this.#pattern = new Pattern(source)
  }

  check(): void {
    const p = this.#pattern
    let repeatedFrom = -1
    while (!p.isAtEnd) {
      const from = p.at
      const repetition = readRepetition(p)
      if (repetition !== undefined) {
        this.#repeat(repetition, from, repeatedFrom)
        repeatedFrom = from
      } else {
        this.#readItem()
        repeatedFrom = -1
      }
    }
    if (this.#outer.length > 0) throw new RegexpFailure('missing closing )', p.text)
  }

  #readItem(): void {
    const p = this.#pattern
    switch (p.charAt(0)) {
      case '(':
        if (readOpening(p)) this.#open()
        return
      case ')':
        this.#close()
        return
      case '|':
        p.at++
        this.#level.last = 0
        return
      case '[':
        readCharacterClass(p)
        break
      case '\\':
        if (!this.#readEscaped()) return
        break
      default:
        p.take()
    }
    this.#add(1)
  }

  /** Whether there is an item now. */
  #readEscaped(): boolean {
    const p = this.#pattern
    const letter = p.charAt(1)
    if (letter === 'C') throw new RegexpFailure('invalid escape sequence', '\\C')
    if (letter === 'Q') return this.#readQuoted()
    if (letter !== '' && POSITIONS.includes(letter)) p.at += 2
    else if (!readNamedEscape(p)) readEscape(p)
    return true
  }

  /** `\Q…\E`: characters that all mean themselves, perhaps none. */
  #readQuoted(): boolean {
    const p = this.#pattern
    const from = p.at + 2
    const end = p.text.indexOf('\\E', from)
    p.at = end < 0 ? p.text.length : end + 2
    return end !== from && from < p.text.length
  }

  #open(): void {
    this.#outer.push(this.#level)
    this.#level = { last: 0, greatest: 0 }
    if (this.#outer.length > MAX_DEPTH) {
      throw new RegexpFailure('expression nests too deeply', this.#pattern.text)
    }
  }

  #close(): void {
    const outer = this.#outer.pop()
    if (outer === undefined) throw new RegexpFailure('unexpected )', this.#pattern.text)
    const { greatest } = this.#level
    this.#pattern.at++
    this.#level = outer
    this.#add(Math.max(greatest, 1))
  }

  #add(product: number): void {
    this.#level.last = product
    this.#level.greatest = Math.max(this.#level.greatest, product)
  }

  /** Repeats the last item; there must be one that is not repeated yet. */
  #repeat({ min, max }: Repetition, from: number, repeatedFrom: number): void {
    const p = this.#pattern
    const isInvalid = min < 0 || min > MAX_REPEAT || max > MAX_REPEAT || (max >= 0 && min > max)
    if (isInvalid) throw new RegexpFailure('invalid repeat count', p.since(from))
    if (p.has('?')) p.at++
    if (repeatedFrom >= 0) {
      throw new RegexpFailure('invalid nested repetition operator', p.since(repeatedFrom))
    }
    if (this.#level.last === 0) {
      throw new RegexpFailure('missing argument to repetition operator', p.since(from))
    }
    // What is repeated no more than zero times does not count
    const isCounted = p.text.charAt(from) === '{'
    const product = isCounted && max === 0 ? 1 : this.#level.last * Math.max(max < 0 ? min : max, 1)
    if (product > MAX_REPEAT && (min >= 2 || max >= 2)) {
      throw new RegexpFailure('invalid repeat count', p.since(from))
    }
    this.#add(product)
  }
}
