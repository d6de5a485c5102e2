import { type DestinationStream, destination, type Logger as Pino, pino } from 'pino'

/** One JSON object a line, on standard error. Control characters are escaped by JSON. */
export function createLogger(
  stream: DestinationStream = destination({ dest: 2, sync: false }),
): Pino {
  return pino({ base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, stream)
}
