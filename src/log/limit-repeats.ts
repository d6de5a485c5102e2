import type { Milliseconds } from '../time.js'
import type { Logger } from './logger.js'

export interface LimitRepeatsOptions {
  /** How long a message is held back after it was logged. @default 60_000 (1 minute) */
  interval?: Milliseconds

  /**
   * Which lines count as the same: those with equal keys. @default those with the same level and message. Messages are
   * fixed texts; what changes from line to line (an address, a name) belongs into the fields.
   */
  keyOf?: (level: Level, fields: object, message: string) => string
}

type Level = keyof Logger

/** More keys than this at a time share one: a limiter must not grow with what clients send. */
const MAX_KEYS = 100

/**
 * A logger that does not repeat itself. The first line of a kind is logged at once. Further ones within `interval` are
 * counted, and at its end the last of them is logged with `repeated`, the number of lines that it stands for. So an
 * outage that fails each request takes one line a minute, and none is lost from the count.
 */
export function limitRepeats(logger: Logger, options: LimitRepeatsOptions = {}): Logger {
  const { interval = 60_000, keyOf = (level, _fields, message) => `${level} ${message}` } = options
  const kinds = new Map<string, { count: number; logLast: () => void }>()

  function log(level: Level, fields: object, message: string): void {
    const own = keyOf(level, fields, message)
    const key = kinds.has(own) || kinds.size < MAX_KEYS ? own : ''
    const kind = kinds.get(key)
    if (kind === undefined) {
      logger[level](fields, message)
      rest(key)
      return
    }
    kind.count++
    const { count } = kind
    kind.logLast = () => logger[level]({ ...fields, repeated: count }, message)
  }

  /** Starts an interval in which lines of that kind are only counted. */
  function rest(key: string): void {
    const kind = { count: 0, logLast: () => {} }
    kinds.set(key, kind)
    const end = () => {
      kinds.delete(key)
      if (kind.count === 0) return
      kind.logLast()
      rest(key)
    }
    setTimeout(end, interval).unref()
  }

  return {
    info: (fields, message) => log('info', fields, message),
    warn: (fields, message) => log('warn', fields, message),
    error: (fields, message) => log('error', fields, message),
  }
}
