import { ExactNumber, type Result, type Row, type Value } from './result.js'

/**
 * Results as InfluxDB writes them in CSV: a table for each statement that has series, an empty line between two of them; the
 * chunks of a statement are one table. Errors of single statements are not shown there.
 */
export function printCsvResults(results: readonly Result[]): string {
  let text = ''
  let current: number | undefined
  for (const { statementId, series = [] } of results) {
    for (const [i, row] of series.entries()) {
      const isNew = i === 0 ? statementId !== current : !isSame(series[i - 1], row)
      if (isNew) text += `${text === '' ? '' : '\n'}${line(['name', 'tags', ...row.columns])}`
      current = statementId
      text += rowLines(row)
    }
  }
  return text
}

const isSame = (a: Row | undefined, b: Row) => a?.columns.join('\n') === b.columns.join('\n')

/** An error as the whole answer. */
export function printCsvError(error: string): string {
  return line(['error']) + line([error])
}

function rowLines({ name = '', tags = {}, values = [] }: Row): string {
  const tagText = Object.entries(tags)
    .map(([key, value]) => `${escapeTag(key)}=${escapeTag(value)}`)
    .join(',')
  return values.map((row) => line([name, tagText, ...row.map(cell)])).join('')
}

const escapeTag = (text: string) => text.replace(/[,= ]/g, (char) => `\\${char}`)

function cell(value: Value): string {
  if (value === null) return ''
  if (value instanceof ExactNumber) return value.text
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** What Go's encoding/csv puts in quotes (RFC 4180 §2, and a blank at the start). */
const QUOTED = /[",\r\n]|^[\s]|^\\\.$/

function line(cells: readonly string[]): string {
  const quoted = cells.map((text) => (QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
  return `${quoted.join(',')}\n`
}
