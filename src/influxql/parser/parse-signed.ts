import type { Expression } from '../ast/expression.js'
import type { Token } from '../scanner/token.js'
import { MAX_INT64 } from '../values/integer.js'
import { ParseFailure } from './parse-failure.js'
import type { Parser } from './parser.js'

/** What may follow a sign. */
const SIGNED: ReadonlySet<Token> = new Set<Token>([
  'NUMBER',
  'INTEGER',
  'DURATIONVAL',
  '(',
  'IDENT',
])

/** An operand behind a sign, which is read already: a signed literal, or anything else times 1 or -1. */
export function parseSigned(p: Parser, parseOperand: () => Expression): Expression {
  const isNegative = p.token === '-'
  const token = p.next()
  if (!SIGNED.has(token)) throw p.unexpected('identifier', 'number', 'duration', '(')
  p.unread()
  const operand = parseOperand()
  const sign = isNegative ? -1n : 1n
  switch (operand.kind) {
    case 'number':
      return { kind: 'number', value: operand.value * Number(sign) }
    case 'duration':
      return { kind: 'duration', value: operand.value * sign }
    case 'integer':
      return { kind: 'integer', value: isNegative ? negated(operand.value) : operand.value }
  }
  return { kind: 'binary', operator: '*', left: { kind: 'integer', value: sign }, right: operand }
}

/** The least integer is one further from zero than the greatest, so it is unsigned until its sign is known. */
function negated(value: bigint): bigint {
  if (value > MAX_INT64 + 1n) throw new ParseFailure(`constant -${value} underflows int64`)
  return BigInt.asIntN(64, -value)
}
