import type { Statement } from './ast/statement.js'
import { parseStatement } from './parser/language.js'
import { type ParseError, ParseFailure } from './parser/parse-failure.js'
import { Parser } from './parser/parser.js'
import { readableText } from './scanner/readable-text.js'
import { type BoundParameters, NO_PARAMETERS } from './values/bound-parameters.js'

export type { ParseError } from './parser/parse-failure.js'
export { type BoundParameters, parseParameters } from './values/bound-parameters.js'

export interface ParseOptions {
  /** The values of `$name`, from `parseParameters`. @default none */
  parameters?: BoundParameters

  /** How deep parentheses, calls and subqueries may nest. @default 100 */
  maxDepth?: number

  /** How many statements a query may have. @default 10_000 */
  maxStatements?: number

  /** How long a query may be, in UTF-16 code units. @default 1_048_576 */
  maxLength?: number
}

/** What a query says, or what is wrong with it. */
export type ParsedQuery =
  | { statements: readonly Statement[]; error?: never }
  | { statements?: never; error: ParseError }

/**
 * Parses a query: statements of InfluxQL 1.x, separated by semicolons. Takes time in proportion to the length of the text.
 *
 * @throws nothing: a text that is not InfluxQL is an answer
 */
export function parseQuery(text: string, options: ParseOptions = {}): ParsedQuery {
  const {
    parameters = NO_PARAMETERS,
    maxDepth = 100,
    maxStatements = 10_000,
    maxLength = 1_048_576,
  } = options
  try {
    if (text.length > maxLength)
      throw new ParseFailure(`query too long: at most ${maxLength} characters`)
    // InfluxDB takes it for the end of the text in some places and skips it in others
    if (text.includes('\0')) throw new ParseFailure('query contains a NUL character')
    const parser = new Parser(readableText(text), parameters, maxDepth)
    return { statements: parseStatements(parser, maxStatements) }
  } catch (error) {
    if (!(error instanceof ParseFailure)) throw error
    return { error: { message: error.message, redacted: error.redacted } }
  }
}

function parseStatements(p: Parser, maxStatements: number): Statement[] {
  const statements: Statement[] = []
  let isSeparated = true
  for (;;) {
    const token = p.next()
    if (token === 'EOF') return statements
    if (token === ';') {
      isSeparated = true
      continue
    }
    if (!isSeparated) throw p.unexpected(';')
    if (statements.length === maxStatements) {
      throw p.failAt(`too many statements: at most ${maxStatements}`, p.offset)
    }
    p.unread()
    statements.push(parseStatement(p))
    isSeparated = false
  }
}
