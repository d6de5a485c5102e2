import type { Measurement, SelectStatement, Source, Target } from '../ast/select.js'
import { COLON } from '../scanner/characters.js'
import { parseSegments } from './parse-variable.js'
import type { Parser } from './parser.js'

/** Parses a statement, its first word read already. */
export type ParseSelect = (p: Parser) => SelectStatement

/** `FROM sources` */
export function parseFrom(p: Parser): Source[] {
  return p.accept('FROM') ? parseSources(p) : []
}

/** Sources, separated by commas; subqueries only where there is a way to parse them. */
export function parseSources(p: Parser, parseSelect?: ParseSelect): Source[] {
  const sources: Source[] = []
  do sources.push(parseSource(p, parseSelect))
  while (p.accept(','))
  return sources
}

/** A measurement, a regular expression of measurements, or a subquery. */
export function parseSource(p: Parser, parseSelect?: ParseSelect): Source {
  const regex = p.regex()
  if (regex !== undefined) return measurement('', '', '', regex)
  if (parseSelect !== undefined && p.accept('(')) {
    return p.nested(() => parseSubquery(p, parseSelect))
  }
  const segments = parseSegments(p)
  if (segments.length === 3) return named(segments)
  const last = p.regex()
  return last === undefined ? named(segments) : named([...segments, ''], last)
}

function parseSubquery(p: Parser, parseSelect: ParseSelect): Source {
  p.expect('SELECT')
  const select = parseSelect(p)
  p.expect(')')
  return { kind: 'subquery', select }
}

/** `INTO`: an empty name is each source's own. */
export function parseTarget(p: Parser, isRequired: boolean): Target | undefined {
  if (p.next() !== 'INTO') {
    if (isRequired) throw p.unexpected('INTO')
    p.unread()
    return undefined
  }
  const segments = parseSegments(p)
  if (segments.length < 3 && p.peek() === COLON) {
    p.expect(':', 'MEASUREMENT')
    segments.push('')
  }
  const { database, policy, name } = named(segments)
  return { database, policy, name }
}

/** The last part is the name, the one before it the policy, the one before that the database. */
function named(segments: readonly string[], regex?: string): Measurement {
  const [name = '', policy = '', database = ''] = segments.toReversed()
  return measurement(database, policy, name, regex)
}

function measurement(
  database: string,
  policy: string,
  name: string,
  regex: string | undefined,
): Measurement {
  return { kind: 'measurement', database, policy, name, regex }
}
