import type { Expression } from '../ast/expression.js'
import type { Limits, Order, SeriesLimits } from '../ast/select.js'
import { integerOf, MAX_INT64 } from '../values/integer.js'
import { parseExpression, parseRegexOr } from './parse-expression.js'
import { ParseFailure } from './parse-failure.js'
import type { Parser } from './parser.js'

/** `WHERE …` */
export function parseCondition(p: Parser): Expression | undefined {
  return p.accept('WHERE') ? parseExpression(p) : undefined
}

/** `GROUP BY …` */
export function parseDimensions(p: Parser): Expression[] {
  const dimensions: Expression[] = []
  if (!p.accept('GROUP')) return dimensions
  p.expect('BY')
  do {
    const dimension = parseRegexOr(p)
    dimensions.push(dimension)
    if (dimension.kind !== 'regex') p.skipBlank()
  } while (isCommaNext(p))
  return dimensions
}

/** Whether a comma is next, with no blank before it. */
export function isCommaNext(p: Parser): boolean {
  if (p.nextRaw() === ',') return true
  p.unread()
  return false
}

/** `ORDER BY …`: by time only. */
export function parseOrder(p: Parser): Order | undefined {
  if (!p.accept('ORDER')) return undefined
  p.expect('BY')
  const order = parseFirstOrder(p)
  let isOne = true
  while (p.accept(',')) {
    isOne = false
    p.name()
    isAscending(p)
  }
  if (!isOne) throw unsupported()
  return order
}

function parseFirstOrder(p: Parser): Order {
  const token = p.next()
  if (token === 'ASC' || token === 'DESC') return { name: '', ascending: token === 'ASC' }
  if (token !== 'IDENT') throw p.unexpected('identifier', 'ASC', 'DESC')
  const name = p.literal
  const ascending = isAscending(p)
  if (name !== 'time') throw unsupported()
  return { name, ascending }
}

function isAscending(p: Parser): boolean {
  return !p.accept('DESC') && (p.accept('ASC') || true)
}

function unsupported(): ParseFailure {
  return new ParseFailure('only ORDER BY time supported at this time')
}

/** `LIMIT … OFFSET …` */
export function parseLimits(p: Parser): Limits {
  return { limit: parseLimit(p, 'LIMIT'), offset: parseLimit(p, 'OFFSET') }
}

/** `SLIMIT … SOFFSET …` */
export function parseSeriesLimits(p: Parser): SeriesLimits {
  return { seriesLimit: parseLimit(p, 'SLIMIT'), seriesOffset: parseLimit(p, 'SOFFSET') }
}

function parseLimit(p: Parser, word: 'LIMIT' | 'OFFSET' | 'SLIMIT' | 'SOFFSET'): bigint {
  if (!p.accept(word)) return 0n
  if (p.next() !== 'INTEGER') throw p.unexpected('integer')
  if (p.literal.startsWith('-')) throw p.failAt(`${word} must be >= 0`, p.offset)
  const value = integerOf(p.literal)
  return value > MAX_INT64 ? MAX_INT64 : value
}

/** `ON database` */
export function parseDatabase(p: Parser): string {
  return p.accept('ON') ? p.name() : ''
}
