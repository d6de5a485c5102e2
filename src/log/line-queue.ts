/** Lines that wait to be written, within a limit. */
export interface LineQueue {
  readonly hasMore: boolean
  /** Lines that were dropped and not yet reported, and those that still wait. */
  readonly lost: number
  /** A line with its end; dropped, and counted, if there is no room. */
  add(line: string): void
  /** Whole lines, to be written at once. */
  take(): Buffer
  /** What was taken, but could not be written beyond its first `done` bytes. */
  putBack(batch: Buffer, done: number): void
  /** Adds a line that says how many were dropped, if any. */
  reportDropped(): void
}

export interface LineQueueOptions {
  /** How many bytes may wait; as many characters are let in, whatever they take. */
  readonly maxPending: number
  /** How many bytes are taken at once; more only for a single line. */
  readonly maxBatch: number
}

const NEWLINE = 0x0a

/** The buffer's size at the beginning, in bytes. */
const ROOM = 65_536

/** UTF-8 takes no more bytes than this for a UTF-16 unit. */
const MOST_BYTES = 3

/**
 * The oldest lines are kept: those that show how trouble began.
 *
 * Lines wait as bytes. As strings, which are trees of the pieces that they were put together from, they would outlive
 * the collections of a busy server's young memory: 1.4 kB for each line.
 */
export function createLineQueue({ maxPending, maxBatch }: LineQueueOptions): LineQueue {
  let room = Buffer.allocUnsafe(ROOM)
  /** What waits: from `start` to `end` of `room`. */
  let start = 0
  let end = 0
  let rest: Buffer | undefined
  let dropped = 0

  function append(line: string): void {
    const most = line.length * MOST_BYTES
    if (end + most > room.length) {
      const waiting = room.subarray(start, end)
      room = Buffer.allocUnsafe(Math.max(ROOM, 2 * (waiting.length + most)))
      start = 0
      end = waiting.copy(room)
    }
    end += room.write(line, end)
  }

  /** Where the lines end that are taken together. */
  function batchEnd(): number {
    if (end - start <= maxBatch) return end
    const last = room.lastIndexOf(NEWLINE, start + maxBatch - 1)
    return (last >= start ? last : room.indexOf(NEWLINE, start)) + 1
  }

  function takeLines(): Buffer {
    const to = batchEnd()
    const taken = room.subarray(start, to)
    if (to < end) start = to
    else {
      // What was taken is still to be written
      room = Buffer.allocUnsafe(ROOM)
      start = end = 0
    }
    return taken
  }

  return {
    get hasMore() {
      return rest !== undefined || end > start
    },
    get lost() {
      return dropped + countLines(room.subarray(start, end)) + countBegun(rest)
    },
    add(line) {
      if (end - start + line.length + (rest?.length ?? 0) > maxPending) dropped++
      else append(line)
    },
    take() {
      const batch = rest ?? takeLines()
      rest = undefined
      return batch
    },
    putBack(batch, done) {
      const whole = done === 0 ? 0 : batch.lastIndexOf(NEWLINE, done - 1) + 1
      const left = batch.subarray(whole)
      // Another process may have written in between: what comes next begins a line of its own
      rest = left[0] === NEWLINE ? left : Buffer.concat([Buffer.of(NEWLINE), left])
    },
    reportDropped() {
      if (dropped === 0) return
      const time = new Date().toISOString()
      append(`{"level":40,"time":"${time}","dropped":${dropped},"msg":"log lines were lost"}\n`)
      dropped = 0
    },
  }
}

function countLines(text: Buffer): number {
  let count = 0
  for (const byte of text) if (byte === NEWLINE) count++
  return count
}

/** What was put back begins with an end of line. */
function countBegun(rest: Buffer | undefined): number {
  return rest === undefined ? 0 : countLines(rest.subarray(1))
}
