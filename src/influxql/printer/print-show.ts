import type { ShowCardinalityStatement, ShowStatement, TagKeys } from '../ast/show-statement.js'
import { quoteName, quoteString } from '../values/quote.js'
import { printRegex } from './print-expression.js'
import {
  printFrom,
  printGroupBy,
  printLimits,
  printOrder,
  printSeriesLimits,
  printSource,
  printWhere,
} from './print-select.js'

export function printShow(s: ShowStatement): string {
  switch (s.kind) {
    case 'SHOW SERIES':
      return (
        s.kind +
        printOn(s.database) +
        printFrom(s.sources) +
        printWhere(s.condition) +
        printOrder(s.order) +
        printLimits(s)
      )
    case 'SHOW FIELD KEYS':
      return (
        s.kind + printOn(s.database) + printFrom(s.sources) + printOrder(s.order) + printLimits(s)
      )
    case 'SHOW TAG KEYS':
      return (
        s.kind +
        printOn(s.database) +
        printFrom(s.sources) +
        printWhere(s.condition) +
        printOrder(s.order) +
        printLimits(s) +
        printSeriesLimits(s)
      )
    case 'SHOW TAG VALUES':
      return (
        s.kind +
        printOn(s.database) +
        printFrom(s.sources) +
        printTagKeys(s.tagKeys) +
        printWhere(s.condition) +
        printOrder(s.order) +
        printLimits(s)
      )
    case 'SHOW MEASUREMENTS':
      return (
        s.kind +
        printOn(s.database) +
        printMeasurementIs(s.source) +
        printWhere(s.condition) +
        printOrder(s.order) +
        printLimits(s)
      )
    case 'SHOW SERIES CARDINALITY':
    case 'SHOW MEASUREMENT CARDINALITY':
    case 'SHOW TAG KEY CARDINALITY':
    case 'SHOW TAG VALUES CARDINALITY':
    case 'SHOW FIELD KEY CARDINALITY':
      return printCardinality(s)
    case 'SHOW RETENTION POLICIES':
      return s.kind + printOn(s.database)
    case 'SHOW GRANTS':
      return `SHOW GRANTS FOR ${quoteName(s.user)}`
    case 'SHOW STATS':
    case 'SHOW DIAGNOSTICS':
      return s.module === '' ? s.kind : `${s.kind} FOR ${quoteString(s.module)}`
  }
  return s.kind
}

function printCardinality(s: ShowCardinalityStatement): string {
  return (
    (s.exact ? s.kind.replace('CARDINALITY', 'EXACT CARDINALITY') : s.kind) +
    printOn(s.database) +
    printFrom(s.sources) +
    (s.tagKeys === undefined ? '' : printTagKeys(s.tagKeys)) +
    printWhere(s.condition) +
    printGroupBy(s.dimensions) +
    printLimits(s)
  )
}

/** ` ON database` */
function printOn(database: string): string {
  return database === '' ? '' : ` ON ${quoteName(database)}`
}

function printMeasurementIs(
  source: (ShowStatement & { kind: 'SHOW MEASUREMENTS' })['source'],
): string {
  if (source === undefined) return ''
  const isRegex = source.kind === 'measurement' && source.regex !== undefined
  return ` WITH MEASUREMENT ${isRegex ? '=~' : '='} ${printSource(source)}`
}

/** ` WITH KEY …` */
function printTagKeys(keys: TagKeys): string {
  switch (keys.operator) {
    case '=':
    case '!=':
      return ` WITH KEY ${keys.operator} ${quoteName(keys.name)}`
    case '=~':
    case '!~':
      return ` WITH KEY ${keys.operator} ${printRegex(keys.regex)}`
    case 'IN':
      return ` WITH KEY IN (${keys.names.map(quoteName).join(', ')})`
  }
}
