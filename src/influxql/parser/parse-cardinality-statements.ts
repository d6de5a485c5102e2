import type { ShowCardinalityStatement } from '../ast/show-statement.js'
import { parseCondition, parseDatabase, parseDimensions, parseLimits } from './parse-clauses.js'
import { parseFrom } from './parse-source.js'
import { parseTagKeys } from './parse-tag-keys.js'
import type { Parser } from './parser.js'

/** What follows `CARDINALITY`. */
export function parseCardinality(
  p: Parser,
  kind: ShowCardinalityStatement['kind'],
  exact: boolean,
): ShowCardinalityStatement {
  return {
    kind,
    exact,
    database: parseDatabase(p),
    sources: parseFrom(p),
    tagKeys: kind === 'SHOW TAG VALUES CARDINALITY' ? parseTagKeys(p) : undefined,
    condition: parseCondition(p),
    dimensions: parseDimensions(p),
    ...parseLimits(p),
  }
}

/** `SHOW TAG KEY` or `SHOW FIELD KEY`, of which there is nothing but the number. */
export function parseKeyCardinality(
  p: Parser,
  kind: 'SHOW TAG KEY CARDINALITY' | 'SHOW FIELD KEY CARDINALITY',
): ShowCardinalityStatement {
  const exact = p.accept('EXACT')
  if (p.next() !== 'CARDINALITY') throw p.unexpected(...(exact ? [] : ['EXACT']), 'CARDINALITY')
  return parseCardinality(p, kind, exact)
}
