import type { BinaryExpression, Expression } from '../ast/expression.js'
import { type Operator, precedenceOf, TIGHTEST } from '../scanner/token.js'
import { printDuration } from '../values/duration.js'
import { printNumber } from '../values/number.js'
import { quoted, quoteName, quoteString } from '../values/quote.js'

/** Prints an expression so that it is parsed to the same one again. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'binary':
      return printBinary(expression)
    case 'group':
      return `(${printExpression(expression.expression)})`
    case 'call':
      return `${callName(expression.name)}(${printList(expression.args)})`
    case 'variable':
      return printTyped(quoteName(expression.name), expression.type)
    case 'wildcard':
      return printTyped('*', expression.type)
    case 'distinct':
      return `DISTINCT ${quoteName(expression.name)}`
    case 'string':
      return quoteString(expression.value)
    case 'number':
      return printNumber(expression.value)
    case 'integer':
      return String(expression.value)
    case 'boolean':
      return String(expression.value)
    case 'duration':
      return printDuration(expression.value)
    case 'regex':
      return printRegex(expression.source)
  }
}

/** Expressions, separated by commas. */
export function printList(expressions: readonly Expression[]): string {
  return expressions.map(printExpression).join(', ')
}

export function printRegex(source: string): string {
  return `/${source.replaceAll('/', '\\/')}/`
}

function printTyped(name: string, type: string | undefined): string {
  return type === undefined ? name : `${name}::${type}`
}

/** A chain leans to the left and may be very long: down in a loop, and up again. */
function printBinary(expression: BinaryExpression): string {
  const chain: BinaryExpression[] = []
  let node: Expression = expression
  while (node.kind === 'binary') {
    chain.push(node)
    node = node.left
  }
  const parts = [printExpression(node)]
  for (let i = chain.length - 1; i >= 0; i--) {
    const { operator, right } = chain[i] as BinaryExpression
    parts.push(' ', operator, ' ', printRight(operator, right))
  }
  return parts.join('')
}

/**
 * What stands on the right. A sign there is kept as `x * 1` or `x * -1`; behind an operator that binds as tightly, it has to
 * be printed as a sign, because `a / -1 * b` is something else than `a / -b`.
 */
function printRight(operator: Operator, right: Expression): string {
  if (right.kind !== 'binary' || precedenceOf(operator) < TIGHTEST) return printExpression(right)
  const isNegative = right.left.kind === 'integer' && right.left.value < 0n
  return (isNegative ? '-' : '+') + printSigned(right.right)
}

/** DISTINCT is a keyword, which a sign does not stand before. */
function printSigned(expression: Expression): string {
  if (expression.kind !== 'call' || expression.name !== 'distinct')
    return printExpression(expression)
  return `${quoted(expression.name)}(${printList(expression.args)})`
}

function callName(name: string): string {
  return name === 'distinct' ? name : quoteName(name)
}
