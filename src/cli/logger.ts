import { type DestinationStream, pino } from 'pino'
import type { Logger } from '../middleware/logger.js'

/** Standard error. A log that cannot be written (a full disk, a closed pipe) is lost; requests go on. */
const STANDARD_ERROR: DestinationStream = {
  write: (line) => void process.stderr.write(line),
}

/**
 * One JSON object a line, on standard error. Control characters are escaped by JSON.
 *
 * Not through pino's own destination: with a full disk that spins for ever at the end of the process.
 */
export function createLogger(stream: DestinationStream = STANDARD_ERROR): Logger {
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {})
  return pino({ base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, stream)
}
