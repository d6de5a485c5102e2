import { type DestinationStream, pino } from 'pino'
import { escaped } from '../text/printable.js'
import { logStream } from './log-stream.js'
import type { Logger } from './logger.js'

/**
 * One JSON object a line. Control characters are escaped, and so is what would hide text or steer a terminal.
 *
 * Not through pino's own destination: with a full disk that spins for ever at the end of the process.
 *
 * @param stream where to; default: standard error, whose failures are nobody's
 */
export function createLogger(stream: DestinationStream = logStream(process.stderr)): Logger {
  return pino(
    { base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    { write: (line) => stream.write(printable(line)) },
  )
}

/** Text on one line that needs no escaping beyond JSON's. */
const PLAIN = /^[ -~]*\n$/

function printable(line: string): string {
  return PLAIN.test(line) ? line : `${escaped(line.slice(0, -1))}\n`
}
