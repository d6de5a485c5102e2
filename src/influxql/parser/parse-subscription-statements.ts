import type { Statement } from '../ast/statement.js'
import { parseOn } from './parse-database-statements.js'
import type { Parser } from './parser.js'

/** `CREATE SUBSCRIPTION`; the words before are read already, here and below. */
export function parseCreateSubscription(p: Parser): Statement {
  const on = parseOnPolicy(p)
  p.expect('DESTINATIONS')
  p.hasSecrets = true
  const mode = p.next()
  if (mode !== 'ALL' && mode !== 'ANY') throw p.unexpected('ALL', 'ANY')
  const destinations: string[] = []
  do destinations.push(p.string())
  while (p.accept(','))
  return { kind: 'CREATE SUBSCRIPTION', ...on, mode, destinations }
}

export function parseDropSubscription(p: Parser): Statement {
  return { kind: 'DROP SUBSCRIPTION', ...parseOnPolicy(p) }
}

function parseOnPolicy(p: Parser): { name: string; database: string; policy: string } {
  const { name, database } = parseOn(p)
  if (p.nextRaw() !== '.') throw p.unexpected('.')
  return { name, database, policy: p.name() }
}
