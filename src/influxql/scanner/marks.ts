import type { Token } from './token.js'

/** A mark, and the longer ones that begin with it. */
export interface Mark {
  /** What it is alone. */
  alone: Token
  /** What it is with another character behind it, by that character's code. */
  pairs: ReadonlyMap<number, Token>
}

/** Each mark's longer ones, by the second character. A slash, a minus, a dot and a dollar need more than a table. */
const PAIRS: Readonly<Record<string, Readonly<Record<string, Token>>>> = {
  '=': { '~': '=~' },
  '!': { '=': '!=', '~': '!~' },
  '>': { '=': '>=' },
  '<': { '=': '<=', '>': '!=' },
  ':': { ':': '::' },
}

const ALONE: readonly Token[] = [
  '+',
  '*',
  '%',
  '&',
  '|',
  '^',
  '(',
  ')',
  ',',
  ';',
  '=',
  '>',
  '<',
  ':',
]

/** Marks by their first character's code. */
export const MARKS: ReadonlyMap<number, Mark> = new Map(
  [...ALONE, '!'].map((first) => {
    const pairs = Object.entries(PAIRS[first] ?? {}).map(
      ([second, token]) => [second.charCodeAt(0), token] as const,
    )
    return [
      first.charCodeAt(0),
      { alone: first === '!' ? 'ILLEGAL' : (first as Token), pairs: new Map(pairs) },
    ] as const
  }),
)
