import { AuthError } from '../errors.js'
import { shown } from '../text/printable.js'

/** JSON as it was written; an object as a map, so that its fields may be called anything. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = ReadonlyMap<string, Json>

/** Nothing that is sent here needs more. */
const DEEPEST = 16

const SPACE = /[ \t\n\r]*/y
const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
const PLAIN = /[^"\\\u0000-\u001f]+/y

/**
 * Reads JSON (RFC 8259) and says where it breaks and why, without ever quoting it, for it holds passwords: Node's own
 * messages do quote. A name that appears twice in an object is refused, which `JSON.parse` cannot do: it keeps the last
 * one and others the first, so that what a proxy or an auditor has read could grant other rights than are granted here.
 *
 * @throws AuthError `ERR_REQUEST_INVALID`
 */
export function readJson(text: string): Json {
  let at = 0

  function fail(why: string, where = at): never {
    const before = text.slice(0, where)
    const line = before.split('\n').length
    const column = where - before.lastIndexOf('\n')
    throw new AuthError('ERR_REQUEST_INVALID', `not JSON: line ${line}, column ${column}: ${why}`)
  }

  /** What the pattern matches here, and behind it. */
  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (!match) return undefined
    at = pattern.lastIndex
    return match[0]
  }

  /** The next character that is not a space. */
  function peek(): string | undefined {
    take(SPACE)
    return text[at]
  }

  function value(depth: number): Json {
    if (depth > DEEPEST) fail('too many brackets in each other')
    switch (peek()) {
      case undefined:
        return fail('it ends too early')
      case '{':
        return object(depth)
      case '[':
        return array(depth)
      case '"':
        return string()
      case "'":
        return fail('text must be in double quotes')
      case '}':
      case ']':
        return fail('a value is missing')
    }
    const literal = take(LITERAL)
    return literal === undefined ? fail('this is not a value') : JSON.parse(literal)
  }

  function object(depth: number): JsonObject {
    const fields = new Map<string, Json>()
    list('}', () => {
      if (peek() === undefined) fail('it ends too early')
      if (text[at] !== '"') fail('a name in double quotes is expected')
      const start = at
      const name = string()
      if (fields.has(name)) fail(`${shown(name)} appears twice`, start)
      if (peek() !== ':') fail('a colon is expected')
      at++
      fields.set(name, value(depth + 1))
    })
    return fields
  }

  function array(depth: number): Json[] {
    const items: Json[] = []
    list(']', () => items.push(value(depth + 1)))
    return items
  }

  function list(end: '}' | ']', item: () => void): void {
    at++
    if (peek() === end) {
      at++
      return
    }
    for (;;) {
      item()
      const next = peek()
      if (next === undefined) fail('it ends too early')
      if (next !== ',' && next !== end) fail(`a comma or ${end} is expected`)
      const comma = at++
      if (next === end) return
      if (peek() === end) fail(`JSON allows no comma before ${end}`, comma)
    }
  }

  function string(): string {
    const start = at++
    while ((take(PLAIN) ?? take(ESCAPE)) !== undefined);
    if (text[at] === undefined) fail('this text has no end', start)
    if (text[at] === '\\') fail('there is no such escape')
    if (text[at] !== '"') fail('a control character must be escaped')
    at++
    return JSON.parse(text.slice(start, at))
  }

  const result = value(0)
  if (peek() !== undefined) fail('something follows the end')
  return result
}
