import type { Expression } from '../ast/expression.js'
import type { Fill } from '../ast/select.js'
import { MAX_INT64 } from '../values/integer.js'
import { timeZoneName } from '../values/time-zone.js'
import { parseExpression } from './parse-expression.js'
import { ParseFailure } from './parse-failure.js'
import type { Parser } from './parser.js'

/** `fill(…)`; not written is the same as `fill(null)`. */
export function parseFill(p: Parser): Fill {
  const args = parseCallOf(p, 'fill')
  if (args === undefined) return 'null'
  const [value] = args
  if (value === undefined || args.length !== 1) {
    throw new ParseFailure('fill requires an argument, e.g.: 0, null, none, previous, linear')
  }
  if (value.kind === 'number') return value
  if (value.kind === 'integer' && value.value <= MAX_INT64) return value
  if (value.kind === 'variable' && value.type === undefined) {
    switch (value.name) {
      case 'null':
      case 'none':
      case 'previous':
      case 'linear':
        return value.name
    }
  }
  throw new ParseFailure('expected number argument in fill()')
}

/** `tz('…')` */
export function parseTimeZone(p: Parser): string | undefined {
  const args = parseCallOf(p, 'tz')
  if (args === undefined) return undefined
  const [name] = args
  if (name === undefined || args.length !== 1) {
    throw new ParseFailure('tz requires exactly one argument')
  }
  if (name.kind !== 'string') throw new ParseFailure('expected string argument in tz()')
  const zone = timeZoneName(name.value)
  if (zone === undefined) throw new ParseFailure(`unable to find time zone ${name.value}`)
  return zone
}

/** The arguments of a call if the next name is this one, in any case. */
function parseCallOf(p: Parser, name: string): readonly Expression[] | undefined {
  const token = p.next()
  const isNamed = token === 'IDENT' && p.literal.toLowerCase() === name
  p.unread()
  if (!isNamed) return undefined
  const expression = parseExpression(p)
  if (expression.kind !== 'call') throw new ParseFailure(`${name} must be a function call`)
  return expression.args
}
