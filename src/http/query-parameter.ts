import { decodeQuery } from './decode-query.js'

/** What a query says under one name. */
export interface QueryParameter {
  /** Every value that reads the same everywhere, in order. */
  readonly values: readonly string[]

  /**
   * Whether the name also occurs in a pair that servers read differently: with a broken escape, with bytes
   * that are not UTF-8, or with a `;`, which some take for a separator. Go, and so Kapacitor, ignores such a pair.
   */
  readonly ambiguous: boolean
}

const ABSENT: QueryParameter = Object.freeze({ values: [], ambiguous: false })

/**
 * Reads the parameter `name` from the query of a request target, as Go's `url.ParseQuery` does: `+` is a
 * space, names may be escaped too (`%75=ann` is `u=ann`).
 */
export function queryParameter(target: string, name: string): QueryParameter {
  const start = target.indexOf('?')
  if (start < 0) return ABSENT
  const values: string[] = []
  let ambiguous = false
  for (const pair of target.slice(start + 1).split('&')) {
    const equals = pair.indexOf('=')
    if (pair.includes(';')) {
      if (pair.split(';').some((part) => decodeQuery(part.split('=', 1)[0] ?? '') === name)) {
        ambiguous = true
      }
    } else if (decodeQuery(equals < 0 ? pair : pair.slice(0, equals)) === name) {
      const value = equals < 0 ? '' : decodeQuery(pair.slice(equals + 1))
      if (value === undefined) ambiguous = true
      else values.push(value)
    }
  }
  return values.length === 0 && !ambiguous ? ABSENT : { values, ambiguous }
}
