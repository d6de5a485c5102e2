import type { TagKeys } from '../ast/show-statement.js'
import type { Parser } from './parser.js'

/** `WITH KEY = a`, `WITH KEY IN (a, b)`, `WITH KEY =~ /a/` */
export function parseTagKeys(p: Parser): TagKeys {
  p.expect('WITH', 'KEY')
  const operator = p.next()
  switch (operator) {
    case '=':
    case '!=':
      return { operator, name: p.name() }
    case '=~':
    case '!~':
      return { operator, regex: parseRegex(p) }
    case 'IN':
      return { operator, names: parseNames(p) }
  }
  throw p.unexpected('IN', '=', '=~')
}

function parseNames(p: Parser): string[] {
  p.expect('(')
  const names: string[] = []
  do names.push(p.name())
  while (p.accept(','))
  p.expect(')')
  return names
}

function parseRegex(p: Parser): string {
  const source = p.regex()
  if (source !== undefined) return source
  p.next()
  throw p.unexpected('regex')
}
