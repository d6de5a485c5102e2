import type { Expression } from '../ast/expression.js'
import type { Field, SelectStatement } from '../ast/select.js'
import {
  isCommaNext,
  parseCondition,
  parseDimensions,
  parseLimits,
  parseOrder,
  parseSeriesLimits,
} from './parse-clauses.js'
import { parseExpression } from './parse-expression.js'
import { ParseFailure } from './parse-failure.js'
import { parseFill, parseTimeZone } from './parse-fill.js'
import { parseSources, parseTarget } from './parse-source.js'
import type { Parser } from './parser.js'

/** A SELECT statement, its first word read already. */
export function parseSelect(p: Parser, needsTarget = false): SelectStatement {
  const fields = parseFields(p)
  const target = parseTarget(p, needsTarget)
  p.expect('FROM')
  return {
    kind: 'SELECT',
    fields,
    target,
    sources: parseSources(p, parseSelect),
    condition: parseCondition(p),
    dimensions: parseDimensions(p),
    fill: parseFill(p),
    order: parseOrder(p),
    ...parseLimits(p),
    ...parseSeriesLimits(p),
    timeZone: parseTimeZone(p),
  }
}

function parseFields(p: Parser): Field[] {
  const fields: Field[] = []
  do fields.push(parseField(p))
  while (isCommaNext(p))
  return fields
}

function parseField(p: Parser): Field {
  const source = p.regex()
  const expression: Expression = source === undefined ? parseValue(p) : { kind: 'regex', source }
  const alias = p.accept('AS') ? p.name() : ''
  p.skipBlank()
  return { expression, alias }
}

/** An expression that is a value, not a condition. */
function parseValue(p: Parser): Expression {
  p.next()
  p.unread()
  const { offset } = p
  const expression = parseExpression(p)
  const operator = conditionIn(expression)
  if (operator === undefined) return expression
  throw new ParseFailure(
    `invalid operator ${operator} in SELECT clause at ${p.where(offset)}; operator is intended for WHERE clause`,
  )
}

/** Arithmetic, as opposed to comparison and logic. */
const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '&', '|', '^'])

/** The last operator of a condition in an expression; inside of a condition it is not looked for. */
function conditionIn(expression: Expression): string | undefined {
  let node = expression
  while (node.kind === 'binary') {
    if (!ARITHMETIC.has(node.operator)) return node.operator
    const operator = conditionIn(node.right)
    if (operator !== undefined) return operator
    node = node.left
  }
  if (node.kind === 'group') return conditionIn(node.expression)
  if (node.kind !== 'call') return undefined
  for (let i = node.args.length - 1; i >= 0; i--) {
    const operator = conditionIn(node.args[i] as Expression)
    if (operator !== undefined) return operator
  }
  return undefined
}
