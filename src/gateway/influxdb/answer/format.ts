import type { IncomingMessage } from 'node:http'
import { queryParameter } from '../../../http/query-parameter.js'
import { printCsvError, printCsvResults } from './print-csv.js'
import { printJsonError, printJsonResults } from './print-json.js'
import { printMsgpackError, printMsgpackResults } from './print-msgpack.js'
import type { Result } from './result.js'

/** How an answer is written. */
export interface Format {
  readonly type: string
  /** In what unit InfluxDB writes times if the request does not say; empty: as a text. */
  readonly epoch: string
  results(results: readonly Result[]): string | Buffer
  /** Each in an answer of its own, one behind the other. */
  chunks(results: readonly Result[]): string | Buffer
  error(text: string): string | Buffer
}

/** What `Accept` asks for, which InfluxDB compares as a whole; JSON for everything else. */
export function formatOf(req: IncomingMessage): Format {
  switch (req.headers.accept) {
    case 'application/csv':
    case 'text/csv':
      return CSV
    case 'application/x-msgpack':
      return MSGPACK
  }
  const isPretty = queryParameter(req.url ?? '', 'pretty').values[0] === 'true'
  return isPretty ? PRETTY : COMPACT
}

function jsonFormat(isPretty: boolean): Format {
  return {
    type: 'application/json',
    epoch: '',
    results: (results) => printJsonResults(results, isPretty),
    chunks: (results) => results.map((one) => printJsonResults([one], isPretty)).join(''),
    error: (text) => printJsonError(text, isPretty),
  }
}

const COMPACT = jsonFormat(false)
const PRETTY = jsonFormat(true)

const CSV: Format = {
  type: 'text/csv',
  epoch: 'ns',
  results: (results) => printCsvResults(results),
  chunks: (results) => printCsvResults(results),
  error: printCsvError,
}

const MSGPACK: Format = {
  type: 'application/x-msgpack',
  epoch: '',
  results: printMsgpackResults,
  chunks: (results) => Buffer.concat(results.map((one) => printMsgpackResults([one]))),
  error: printMsgpackError,
}
