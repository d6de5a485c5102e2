import { type DestinationStream, pino } from 'pino'
import { escaped } from '../text/printable.js'
import { logStream } from './log-stream.js'
import type { Logger } from './logger.js'
import { readableLine } from './readable-line.js'

/** What is logged: lines of that level and of those behind it. No line is of the first one yet. */
export type Level = 'debug' | 'info' | 'warn' | 'error'

/** A logger whose level can be changed while it is in use. */
export interface LeveledLogger extends Logger {
  /** As `[logging] level` names it, in either case. */
  setLevel(level: Level | Uppercase<Level>): void
}

export interface LoggerOptions {
  /** What is logged. @default 'info' */
  level?: Level

  /** Whether lines are made for people instead of programs. @default false */
  readable?: boolean

  /** Whether readable lines are coloured. @default false */
  coloured?: boolean
}

/**
 * One JSON object a line, or a readable one. Control characters are escaped, and so is what would hide text or steer a
 * terminal.
 *
 * Not through pino's own destination: with a full disk that spins for ever at the end of the process.
 *
 * @param stream where to; default: standard error, readable if that is a terminal
 */
export function createLogger(
  stream?: DestinationStream,
  options: LoggerOptions = stream ? {} : styleFor(process.stderr),
): LeveledLogger {
  const { level = 'info', readable = false, coloured = false } = options
  const destination = stream ?? logStream(process.stderr)
  const written = readable ? (line: string) => readableLine(line, coloured) : printable
  const logger = pino(
    { base: null, level, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    { write: (line) => destination.write(written(line)) },
  )
  return Object.assign(logger, {
    setLevel(next: Level | Uppercase<Level>) {
      logger.level = next.toLowerCase()
    },
  })
}

/** Readable lines for a terminal, in colour unless `NO_COLOR` is set; JSON for all else. */
export function styleFor(
  { isTTY = false }: { readonly isTTY?: boolean },
  { NO_COLOR, TERM }: NodeJS.ProcessEnv = process.env,
): LoggerOptions {
  return { readable: isTTY, coloured: isTTY && !NO_COLOR && TERM !== 'dumb' }
}

/** Text on one line that needs no escaping beyond JSON's. */
const PLAIN = /^[ -~]*\n$/

function printable(line: string): string {
  return PLAIN.test(line) ? line : `${escaped(line.slice(0, -1))}\n`
}
