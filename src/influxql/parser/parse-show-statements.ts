import type { Source } from '../ast/select.js'
import type { Statement } from '../ast/statement.js'
import { parseCardinality } from './parse-cardinality-statements.js'
import {
  parseCondition,
  parseDatabase,
  parseLimits,
  parseOrder,
  parseSeriesLimits,
} from './parse-clauses.js'
import { parseFrom, parseSource } from './parse-source.js'
import { parseTagKeys } from './parse-tag-keys.js'
import type { Parser } from './parser.js'

/** `SHOW SERIES`, which may turn out to count them; the words before are read already, here and below. */
export function parseShowSeries(p: Parser): Statement {
  const exact = p.accept('EXACT')
  if (p.accept('CARDINALITY')) return parseCardinality(p, 'SHOW SERIES CARDINALITY', exact)
  return {
    kind: 'SHOW SERIES',
    database: parseDatabase(p),
    sources: parseFrom(p),
    condition: parseCondition(p),
    order: parseOrder(p),
    ...parseLimits(p),
  }
}

export function parseShowMeasurements(p: Parser): Statement {
  return {
    kind: 'SHOW MEASUREMENTS',
    database: parseDatabase(p),
    source: p.accept('WITH') ? parseMeasurementIs(p) : undefined,
    condition: parseCondition(p),
    order: parseOrder(p),
    ...parseLimits(p),
  }
}

function parseMeasurementIs(p: Parser): Source {
  p.expect('MEASUREMENT')
  const operator = p.next()
  if (operator !== '=' && operator !== '=~') throw p.unexpected('=', '=~')
  return parseSource(p)
}

export function parseShowFieldKeys(p: Parser): Statement {
  return {
    kind: 'SHOW FIELD KEYS',
    database: parseDatabase(p),
    sources: parseFrom(p),
    order: parseOrder(p),
    ...parseLimits(p),
  }
}

export function parseShowTagKeys(p: Parser): Statement {
  return {
    kind: 'SHOW TAG KEYS',
    database: parseDatabase(p),
    sources: parseFrom(p),
    condition: parseCondition(p),
    order: parseOrder(p),
    ...parseLimits(p),
    ...parseSeriesLimits(p),
  }
}

/** `SHOW TAG VALUES`, which may turn out to count them. */
export function parseShowTagValues(p: Parser): Statement {
  if (p.accept('EXACT')) {
    p.expect('CARDINALITY')
    return parseCardinality(p, 'SHOW TAG VALUES CARDINALITY', true)
  }
  if (p.accept('CARDINALITY')) return parseCardinality(p, 'SHOW TAG VALUES CARDINALITY', false)
  return {
    kind: 'SHOW TAG VALUES',
    database: parseDatabase(p),
    sources: parseFrom(p),
    tagKeys: parseTagKeys(p),
    condition: parseCondition(p),
    order: parseOrder(p),
    ...parseLimits(p),
  }
}

export function parseShowRetentionPolicies(p: Parser): Statement {
  return { kind: 'SHOW RETENTION POLICIES', database: parseDatabase(p) }
}

export function parseShowGrants(p: Parser): Statement {
  return { kind: 'SHOW GRANTS', user: p.name() }
}

/** `SHOW STATS` or `SHOW DIAGNOSTICS`, of one module or of all. */
export function parseShowModule(p: Parser, kind: 'SHOW STATS' | 'SHOW DIAGNOSTICS'): Statement {
  return { kind, module: p.accept('FOR') ? p.string() : '' }
}
