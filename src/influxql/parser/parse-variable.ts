import type { Expression, FieldType } from '../ast/expression.js'
import { COLON, DOT, SLASH } from '../scanner/characters.js'
import { quoteSegments } from '../values/quote.js'
import type { Parser } from './parser.js'

const CASTS: ReadonlySet<string> = new Set(['float', 'integer', 'unsigned', 'string', 'boolean'])

/** A field or a tag, perhaps with a cast: `value`, `"a"."b"`, `value::float`. */
export function parseVariable(p: Parser): Expression {
  const name = parseSegments(p).join('.')
  return { kind: 'variable', name, type: parseCast(p) }
}

function parseCast(p: Parser): FieldType | undefined {
  if (p.nextRaw() !== '::') {
    p.unread()
    return undefined
  }
  const token = p.nextRaw()
  if (token === 'FIELD') return 'field'
  if (token === 'TAG') return 'tag'
  if (token !== 'IDENT') throw p.unexpected('float', 'integer', 'string', 'boolean', 'field', 'tag')
  const type = p.literal.toLowerCase()
  if (CASTS.has(type)) return type as FieldType
  throw p.unexpected('float', 'integer', 'unsigned', 'string', 'boolean', 'field', 'tag')
}

/**
 * A name in up to three parts: `db.rp.name`, `db..name`. Behind a dot it stops before a regular expression or a colon, which
 * the caller has to read.
 */
export function parseSegments(p: Parser): string[] {
  const segments = [p.name()]
  while (p.nextRaw() === '.') {
    const code = p.peek()
    if (code === SLASH || code === COLON) return checked(p, segments)
    segments.push(code === DOT ? '' : p.name())
  }
  p.unread()
  return checked(p, segments)
}

function checked(p: Parser, segments: string[]): string[] {
  if (segments.length <= 3) return segments
  throw p.failAt(`too many segments in ${quoteSegments(segments)}`, 0)
}
