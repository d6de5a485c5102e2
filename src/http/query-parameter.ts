import { isUtf8 } from 'node:buffer'

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

/** A broken escape, or a character that is no byte: a target has one character for each. */
const UNREADABLE = /%(?![0-9A-Fa-f]{2})|[\u0100-\uffff]/

/** What reads the same decoded: printable ASCII without `%` and `+`. */
const PLAIN = /^[ !-$&-*,-~]*$/

/** Decodes `+` and escapes; undefined where an escape is broken or the bytes are not UTF-8. */
export function decodeQuery(text: string): string | undefined {
  if (PLAIN.test(text)) return text
  if (UNREADABLE.test(text)) return undefined
  const bytes = Buffer.from(
    text
      .replaceAll('+', ' ')
      .replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  const decoded = isUtf8(bytes) ? bytes.toString() : undefined
  bytes.fill(0) // small buffers share memory, in which a password would stay for long
  return decoded
}
