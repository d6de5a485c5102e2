import { decodeQuery } from '../../../http/decode-query.js'

/** Values by name, in the order in which they count. */
export type Fields = ReadonlyMap<string, readonly string[]>

/**
 * Reads `name=value` pairs separated by `&`, as Go's `url.ParseQuery` does: a pair with a `;` or a broken escape is left
 * out.
 */
export function parseFields(text: string): Fields {
  const fields = new Map<string, string[]>()
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const equals = pair.indexOf('=')
    const name = decodeQuery(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decodeQuery(pair.slice(equals + 1))
    if (name === undefined || value === undefined) continue
    const values = fields.get(name)
    if (values) values.push(value)
    else fields.set(name, [value])
  }
  return fields
}

/** The fields of both; where both have one of a name, those of `first` count first. */
export function joinFields(first: Fields, second: Fields): Fields {
  const joined = new Map(first)
  for (const [name, values] of second) joined.set(name, [...(first.get(name) ?? []), ...values])
  return joined
}

/** The query of a request target, without the question mark. */
export function queryOf(target: string): string {
  const mark = target.indexOf('?')
  return mark < 0 ? '' : target.slice(mark + 1)
}
