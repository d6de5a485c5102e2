import type { Expression } from '../ast/expression.js'
import type {
  Field,
  Fill,
  Limits,
  Order,
  SelectStatement,
  SeriesLimits,
  Source,
  Target,
} from '../ast/select.js'
import { printNumber, printShortest } from '../values/number.js'
import { quoteName, quoteString } from '../values/quote.js'
import { printExpression, printList, printRegex } from './print-expression.js'

export function printSelect(s: SelectStatement): string {
  return (
    `SELECT ${s.fields.map(printField).join(', ')}` +
    (s.target === undefined ? '' : ` INTO ${printTarget(s.target)}`) +
    printFrom(s.sources) +
    printWhere(s.condition) +
    printGroupBy(s.dimensions) +
    printFill(s.fill) +
    printOrder(s.order) +
    printLimits(s) +
    printSeriesLimits(s) +
    (s.timeZone === undefined ? '' : ` TZ(${quoteString(s.timeZone)})`)
  )
}

function printField({ expression, alias }: Field): string {
  const printed = printExpression(expression)
  return alias === '' ? printed : `${printed} AS ${quoteName(alias)}`
}

/** With no name of its own, a target of nothing but an empty name is the only one that can be written. */
function printTarget({ database, policy, name }: Target): string {
  if (name !== '') return printPath(database, policy) + quoteName(name)
  const path = printPath(database, policy)
  return path === '' ? '""' : `${path}:MEASUREMENT`
}

/** ` FROM …` */
export function printFrom(sources: readonly Source[]): string {
  return sources.length === 0 ? '' : ` FROM ${sources.map(printSource).join(', ')}`
}

export function printSource(source: Source): string {
  if (source.kind === 'subquery') return `(${printSelect(source.select)})`
  const { database, policy, name, regex } = source
  return printPath(database, policy) + (regex === undefined ? quoteName(name) : printRegex(regex))
}

/** What stands before a name: `db.rp.`, `db..`, `rp.` or nothing. */
function printPath(database: string, policy: string): string {
  const last = policy === '' ? '' : quoteName(policy)
  if (database !== '') return `${quoteName(database)}.${last}.`
  return last === '' ? '' : `${last}.`
}

/** ` WHERE …` */
export function printWhere(condition: Expression | undefined): string {
  return condition === undefined ? '' : ` WHERE ${printExpression(condition)}`
}

/** ` GROUP BY …` */
export function printGroupBy(dimensions: readonly Expression[]): string {
  return dimensions.length === 0 ? '' : ` GROUP BY ${printList(dimensions)}`
}

function printFill(fill: Fill): string {
  if (fill === 'null') return ''
  if (typeof fill === 'string') return ` fill(${fill})`
  if (fill.kind === 'integer') return ` fill(${fill.value})`
  const shortest = printShortest(fill.value)
  return ` fill(${shortest.includes('.') ? shortest : printNumber(fill.value)})`
}

/** ` ORDER BY …` */
export function printOrder(order: Order | undefined): string {
  if (order === undefined) return ''
  return ` ORDER BY ${order.name}${order.name && ' '}${order.ascending ? 'ASC' : 'DESC'}`
}

/** ` LIMIT … OFFSET …` */
export function printLimits({ limit, offset }: Limits): string {
  return printLimit('LIMIT', limit) + printLimit('OFFSET', offset)
}

/** ` SLIMIT … SOFFSET …` */
export function printSeriesLimits({ seriesLimit, seriesOffset }: SeriesLimits): string {
  return printLimit('SLIMIT', seriesLimit) + printLimit('SOFFSET', seriesOffset)
}

function printLimit(word: string, value: bigint): string {
  return value === 0n ? '' : ` ${word} ${value}`
}
