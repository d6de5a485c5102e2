import type { Source } from '../ast/select.js'
import type { Statement } from '../ast/statement.js'
import { parseCondition } from './parse-clauses.js'
import { parseSources } from './parse-source.js'
import type { Parser } from './parser.js'

/** `DELETE` or `DROP SERIES`: what to delete is limited by measurements, by a condition, or by both. */
export function parseDelete(p: Parser, kind: 'DELETE' | 'DROP SERIES'): Statement {
  const hasSources = p.next() === 'FROM'
  const { token, literal, offset } = p
  if (!hasSources) p.unread()
  const sources = hasSources ? parseSources(p) : []
  checkSources(p, sources)
  const condition = parseCondition(p)
  if (condition === undefined && !hasSources) {
    throw p.unexpectedAt({ token, literal, offset }, ['FROM', 'WHERE'])
  }
  return { kind, sources, condition }
}

/** They apply to the request's database, across all its policies. */
function checkSources(p: Parser, sources: readonly Source[]): void {
  let unsupported = ''
  for (const source of sources) {
    if (source.kind !== 'measurement') continue
    if (source.database !== '') unsupported = 'database'
    if (source.policy !== '') unsupported = 'retention policy'
  }
  if (unsupported !== '') throw p.failAt(`${unsupported} not supported`, 0)
}
