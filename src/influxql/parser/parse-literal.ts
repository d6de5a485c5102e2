import type { Expression } from '../ast/expression.js'
import { parseDuration } from '../values/duration.js'
import { integerOf, MAX_UINT64 } from '../values/integer.js'
import { ParseFailure } from './parse-failure.js'
import type { Parser } from './parser.js'

/** The literal that the last token is. */
export function parseLiteral(p: Parser): Expression {
  switch (p.token) {
    case 'STRING':
      return { kind: 'string', value: p.literal }
    case 'TRUE':
      return { kind: 'boolean', value: true }
    case 'FALSE':
      return { kind: 'boolean', value: false }
    case 'NUMBER':
      return parseNumber(p)
    case 'INTEGER':
      return parseInteger(p)
    case 'DURATIONVAL':
      return parseDurationLiteral(p)
  }
  throw p.unexpected('identifier', 'string', 'number', 'bool')
}

function parseNumber(p: Parser): Expression {
  const value = Number(p.literal)
  if (!Number.isFinite(value)) throw p.failAt('unable to parse number', p.offset)
  return { kind: 'number', value }
}

function parseInteger(p: Parser): Expression {
  const value = integerOf(p.literal)
  if (value > MAX_UINT64) throw p.failAt('unable to parse integer', p.offset)
  return { kind: 'integer', value }
}

function parseDurationLiteral(p: Parser): Expression {
  const { value, error } = parseDuration(p.literal)
  if (error !== undefined) throw new ParseFailure(error)
  return { kind: 'duration', value: value as bigint }
}
