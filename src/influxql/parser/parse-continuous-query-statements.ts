import type { Expression } from '../ast/expression.js'
import type { SelectStatement } from '../ast/select.js'
import type { Statement } from '../ast/statement.js'
import { printDuration } from '../values/duration.js'
import { parseOn } from './parse-database-statements.js'
import { parseFiniteDuration } from './parse-duration.js'
import { ParseFailure } from './parse-failure.js'
import { parseSelect } from './parse-select.js'
import type { Parser } from './parser.js'

/** `CREATE CONTINUOUS QUERY`, read already. */
export function parseCreateContinuousQuery(p: Parser): Statement {
  const { name, database } = parseOn(p)
  const { resampleEvery, resampleFor } = parseResample(p)
  p.expect('BEGIN', 'SELECT')
  const select = parseSelect(p, true)
  const interval = groupInterval(select)
  if (select.fields.some((field) => hasCall(field.expression))) checkInterval(p, interval)
  p.expect('END')
  if (typeof interval === 'string') throw new ParseFailure(interval)
  checkResample(resampleEvery, resampleFor, interval)
  return { kind: 'CREATE CONTINUOUS QUERY', name, database, resampleEvery, resampleFor, select }
}

function parseResample(p: Parser): { resampleEvery: bigint; resampleFor: bigint } {
  if (!p.accept('RESAMPLE')) return { resampleEvery: 0n, resampleFor: 0n }
  const resampleEvery = p.accept('EVERY') ? parseFiniteDuration(p) : 0n
  const resampleFor = p.accept('FOR') ? parseFiniteDuration(p) : 0n
  if (resampleEvery === 0n && resampleFor === 0n) {
    p.next()
    throw p.unexpected('EVERY', 'FOR')
  }
  return { resampleEvery, resampleFor }
}

/** An aggregate needs an interval; the error shows the last token but one. */
function checkInterval(p: Parser, interval: bigint | string): void {
  if (interval !== 0n && typeof interval !== 'string') return
  p.unread()
  p.unread()
  p.next()
  throw p.unexpected('GROUP BY time(...)', ...(typeof interval === 'string' ? [interval] : []))
}

function checkResample(every: bigint, during: bigint, interval: bigint): void {
  const least = every > interval ? every : interval
  if (during === 0n || least <= during) return
  throw new ParseFailure(
    `FOR duration must be >= GROUP BY time duration: must be a minimum of ${printDuration(least)}, got ${printDuration(during)}`,
  )
}

/** The interval of `GROUP BY time(…)` in nanoseconds, 0 if there is none, or what is wrong with it. */
function groupInterval(select: SelectStatement): bigint | string {
  for (const dimension of select.dimensions) {
    if (dimension.kind !== 'call' || dimension.name !== 'time') continue
    const [interval] = dimension.args
    if (interval === undefined || dimension.args.length > 2) {
      return 'time dimension expected 1 or 2 arguments'
    }
    return interval.kind === 'duration'
      ? interval.value
      : 'time dimension must have duration argument'
  }
  return 0n
}

function hasCall(expression: Expression): boolean {
  let node = expression
  while (node.kind === 'binary') {
    if (hasCall(node.right)) return true
    node = node.left
  }
  return node.kind === 'call' || (node.kind === 'group' && hasCall(node.expression))
}
