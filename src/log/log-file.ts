import { close, constants, fstatSync, open, openSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { AuthError } from '../errors.js'
import { fileReason } from '../text/text-file.js'
import { type Milliseconds, withDeadline } from '../time.js'
import { createLineQueue, type LineQueue } from './line-queue.js'
import type { Logger } from './logger.js'
import { whenExiting } from './when-exiting.js'

export interface LogFileOptions {
  /** The option that the path comes from, for messages: `[audit] path`. */
  option: string

  /** Where the operator reads that the file cannot be written or reopened. @default it is not logged */
  logger?: Logger

  /** How much may wait to be written, in characters; lines beyond are dropped and counted. @default 1_048_576 */
  maxPending?: number

  /** How long after a failure until it is tried again. @default 1_000 (1 second) */
  retryAfter?: Milliseconds

  /** How long `close` waits for a disk that does not answer. @default 2_000 (2 seconds) */
  patience?: Milliseconds
}

/** A file that whole lines are appended to; a pino destination. */
export interface LogFile {
  /** Takes a line with its end. Never waits and never throws. */
  write(line: string): void

  /** Opens the path again, after somebody has renamed the file. If it cannot be opened, the old one is kept. */
  reopen(): Promise<void>

  /** Writes what is left, once. Lines that come later are dropped. */
  close(): Promise<void>
}

/**
 * Appending (each write goes to the file's end, wherever that is by then), for the owner only if it is new. Without
 * O_NONBLOCK, opening a named pipe would wait for its reader.
 */
const FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0)
const MODE = 0o600

/** A write to a pipe is whole up to this length (POSIX PIPE_BUF); to a file, at any. */
const WHOLE_IN_PIPE = 4096

/** How long after a pipe was full until it is tried again. */
const PIPE_RETRY: Milliseconds = 20

/**
 * For how long lines are gathered before they are written together. A write takes a thread and 150 µs of CPU, however
 * short it is: one for each turn of the event loop halved the gateway's throughput.
 */
const GATHER: Milliseconds = 10

const openLater = promisify(open)
const writeLater = promisify(write)
const closeLater = promisify(close)

/**
 * Opens a log file. Lines that come within 10 ms are one write, so that several processes may
 * append to one file. While the disk is slow or full, lines wait within `maxPending`, then they are dropped; once it
 * works again, a line says how many. One that was cut in half is written again on a line of its own.
 *
 * Why not sonic-boom, pino's own destination. Version 4 spins for ever on a full disk at the end of the process. Version 5
 * does not, but: after a failed reopen the next one closes the old descriptor several times, which may be a client's
 * connection by then; a named pipe without a reader is never opened, and one whose reader hangs keeps the process from
 * ending; a line that is cut in half stays torn when the file is reopened.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, one line that names the option, if it cannot be opened
 */
export function openLogFile(path: string, options: LogFileOptions): LogFile {
  try {
    return new AppendedFile(path, openSync(path, FLAGS, MODE), options)
  } catch (cause) {
    throw cannotWrite(path, options.option, cause)
  }
}

/** The error for a log file that cannot be opened. */
export function cannotWrite(path: string, option: string, cause: unknown): AuthError {
  const { code, message } = cause as NodeJS.ErrnoException
  const reason = REASONS[code ?? ''] ?? (code ? fileReason(cause) : message)
  return new AuthError('ERR_CONFIG_INVALID', `cannot write ${path} (${option}): ${reason}`, {
    cause,
  })
}

/** Where a new file could not be made. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'a part of the path is a file',
}

class AppendedFile implements LogFile {
  readonly #path: string
  readonly #option: string
  readonly #logger: Logger | undefined
  readonly #retryAfter: Milliseconds
  readonly #patience: Milliseconds
  readonly #queue: LineQueue
  #fd: number
  /** The write in progress: settles when the descriptor that it uses is no longer needed. */
  #writing: Promise<boolean> = Promise.resolve(true)
  /** Settles when all that is queued is written; undefined if nothing is. */
  #draining: Promise<void> | undefined
  #isFailing = false
  /** A pipe whose reader is slow, which is not a failure. */
  #isFull = false
  #isClosed = false
  #wakeUp: () => void = () => {}
  readonly #takeBack: () => void

  constructor(path: string, fd: number, options: LogFileOptions) {
    const { option, logger, maxPending = 1_048_576, retryAfter = 1_000, patience = 2_000 } = options
    this.#path = path
    this.#fd = fd
    this.#option = option
    this.#logger = logger
    this.#retryAfter = retryAfter
    this.#patience = patience
    this.#queue = createLineQueue({
      maxPending,
      maxBatch: fstatSync(fd).isFile() ? Number.POSITIVE_INFINITY : WHOLE_IN_PIPE,
    })
    this.#takeBack = whenExiting(() => this.#writeLast())
  }

  write(line: string): void {
    if (this.#isClosed) return
    this.#queue.add(line)
    this.#draining ??= this.#drain()
  }

  async reopen(): Promise<void> {
    let fd: number
    try {
      fd = await openLater(this.#path, FLAGS, MODE)
    } catch (cause) {
      this.#report('log file cannot be reopened; the old one is kept', cause)
      return
    }
    const before = this.#isClosed ? fd : this.#fd
    if (before !== fd) this.#fd = fd
    this.#wakeUp()
    await this.#writing
    await closeLater(before).catch(() => {})
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#wakeUp()
    const done = await withDeadline(this.#patience, this.#draining ?? Promise.resolve())
    this.#takeBack()
    const { lost } = this.#queue
    if (lost > 0) this.#logger?.warn({ path: this.#path, lost }, 'log lines were lost')
    if (done) await closeLater(this.#fd).catch(() => {})
  }

  async #drain(): Promise<void> {
    while (this.#queue.hasMore) {
      if (!this.#isClosed) await this.#pause(GATHER)
      this.#writing = this.#writeBatch()
      if (await this.#writing) continue
      if (this.#isClosed) break
      await this.#pause(this.#isFull ? Math.min(PIPE_RETRY, this.#retryAfter) : this.#retryAfter)
    }
    this.#draining = undefined
  }

  /** Writes a batch; false if it could not, and what is left of it is to be written again. */
  async #writeBatch(): Promise<boolean> {
    const fd = this.#fd
    const batch = this.#queue.take()
    let done = 0
    try {
      while (done < batch.length) {
        done += (await writeLater(fd, batch, done, batch.length - done)).bytesWritten
      }
    } catch (cause) {
      this.#queue.putBack(batch, done)
      this.#onFailure(cause as NodeJS.ErrnoException)
      return false
    }
    if (this.#isFailing) this.#logger?.warn({ path: this.#path }, 'log file is written again')
    this.#isFailing = false
    this.#queue.reportDropped()
    return true
  }

  #onFailure(cause: NodeJS.ErrnoException): void {
    this.#isFull = cause.code === 'EAGAIN'
    if (this.#isFull || this.#isFailing) return
    this.#isFailing = true
    this.#report('log file cannot be written', cause)
  }

  /** Until then, or until it is woken up. */
  #pause(time: Milliseconds): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time).unref()
      this.#wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** The process ends without `close`: tries once. */
  #writeLast(): void {
    try {
      while (this.#queue.hasMore) writeSync(this.#fd, this.#queue.take())
    } catch {
      // The log is gone, and with it the place to report this
    }
  }

  #report(message: string, cause: unknown): void {
    const fields = { path: this.#path, option: this.#option, cause: (cause as Error).message }
    this.#logger?.warn(fields, message)
  }
}
