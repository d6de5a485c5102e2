import { ExactNumber, type Result, type Row, type Value } from './result.js'

/**
 * Results as InfluxDB writes them in CSV: a table for each statement that has series, an empty line between two of them.
 * Errors of single statements are not shown there.
 *
 * @param isFirst whether no table of the same answer came before
 */
export function printCsvResults(results: readonly Result[], isFirst = true): string {
  let text = ''
  let isStart = isFirst
  for (const { series = [] } of results) {
    let columns: readonly string[] | undefined
    for (const row of series) {
      if (columns === undefined || columns.join('\n') !== row.columns.join('\n')) {
        text += `${isStart ? '' : '\n'}${line(['name', 'tags', ...row.columns])}`
        columns = row.columns
        isStart = false
      }
      text += rowLines(row)
    }
  }
  return text
}

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
  return value instanceof ExactNumber ? value.text : String(value)
}

/** What Go's encoding/csv puts in quotes (RFC 4180 §2, and a blank at the start). */
const QUOTED = /[",\r\n]|^[\s]|^\\\.$/

function line(cells: readonly string[]): string {
  const quoted = cells.map((text) => (QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
  return `${quoted.join(',')}\n`
}
