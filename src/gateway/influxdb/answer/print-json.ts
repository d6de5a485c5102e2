import { ExactNumber, type Result, type Row, type Value } from './result.js'

/** Characters that Go's encoder escapes in strings, so that HTML may hold its JSON. */
const HTML = /[<>&\u2028\u2029]/g
const escapeHtml = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

type Printable = Value | undefined | readonly Printable[] | { readonly [key: string]: Printable }

/** Results in one JSON object, with a line break behind it, byte for byte as InfluxDB writes them. */
export function printJsonResults(results: readonly Result[], isPretty: boolean): string {
  const object = results.length === 0 ? {} : { results: results.map(resultObject) }
  return `${print(object, isPretty ? '\n' : '')}\n`
}

/** An error as the whole answer. */
export function printJsonError(error: string, isPretty: boolean): string {
  return `${print({ error }, isPretty ? '\n' : '')}\n`
}

function resultObject({ statementId, series, messages, partial, error }: Result): Printable {
  return {
    statement_id: statementId,
    series: series?.map(rowObject),
    messages: messages?.map(({ level, text }) => ({ level, text })),
    partial: partial || undefined,
    error,
  }
}

function rowObject({ name, tags, columns, values, partial }: Row): Printable {
  return { name: name || undefined, tags, columns, values, partial: partial || undefined }
}

/** @param line a line break with the blanks before the next line; empty: all on one line */
function print(value: Printable, line: string): string {
  if (value === null || value === undefined) return 'null'
  if (value instanceof ExactNumber) return value.text
  if (typeof value !== 'object') return JSON.stringify(value).replace(HTML, escapeHtml)
  const inner = line === '' ? '' : `${line}    `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const items = (value as readonly Printable[]).map((item) => inner + print(item, inner))
    return `[${items.join(',')}${line}]`
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(
      ([key, member]) =>
        `${inner}${print(key, '')}:${line === '' ? '' : ' '}${print(member, inner)}`,
    )
  return members.length === 0 ? '{}' : `{${members.join(',')}${line}}`
}
