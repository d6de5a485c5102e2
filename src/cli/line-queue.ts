/** Lines that wait to be written, within a limit. */
export interface LineQueue {
  readonly hasMore: boolean
  /** Lines that were dropped without anybody having been told, or still wait. */
  readonly lost: number
  /** A line with its end; dropped, and counted, if there is no room. */
  add(line: string): void
  /** Whole lines, to be written at once. */
  take(): Buffer
  /** What was taken, but could not be written beyond its first `done` bytes. */
  putBack(batch: Buffer, done: number): void
  /** Adds a line that tells how many were dropped, if any. */
  tellDropped(): void
}

export interface LineQueueOptions {
  /** How many characters may wait. */
  readonly maxPending: number
  /** How many characters are taken at once; more only for a single line. */
  readonly maxBatch: number
}

const NEWLINE = 0x0a

/** The oldest lines are kept: those that tell how trouble began. */
export function createLineQueue({ maxPending, maxBatch }: LineQueueOptions): LineQueue {
  let lines: string[] = []
  let size = 0
  let rest: Buffer | undefined
  let dropped = 0

  function takeLines(): string {
    let count = 0
    let length = 0
    for (; count < lines.length; count++) {
      length += (lines[count] as string).length
      if (length > maxBatch && count > 0) break
    }
    const taken = lines.slice(0, count)
    lines = lines.slice(count)
    const text = taken.join('')
    size -= text.length
    return text
  }

  return {
    get hasMore() {
      return rest !== undefined || lines.length > 0
    },
    get lost() {
      return dropped + lines.length + countLines(rest)
    },
    add(line) {
      if (size + line.length + (rest?.length ?? 0) > maxPending) dropped++
      else {
        lines.push(line)
        size += line.length
      }
    },
    take() {
      const batch = rest ?? Buffer.from(takeLines())
      rest = undefined
      return batch
    },
    putBack(batch, done) {
      const whole = done === 0 ? 0 : batch.lastIndexOf(NEWLINE, done - 1) + 1
      const left = batch.subarray(whole)
      // Whoever was cut off, we or another process, what comes next begins a line
      rest = left[0] === NEWLINE ? left : Buffer.concat([Buffer.of(NEWLINE), left])
    },
    tellDropped() {
      if (dropped === 0) return
      const time = new Date().toISOString()
      const line = `{"level":40,"time":"${time}","dropped":${dropped},"msg":"log lines were lost"}\n`
      dropped = 0
      lines.push(line)
      size += line.length
    },
  }
}

function countLines(text: Buffer | undefined): number {
  let count = 0
  for (let i = 1; text !== undefined && i < text.length; i++) if (text[i] === NEWLINE) count++
  return count
}
