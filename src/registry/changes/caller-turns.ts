import { AuthError } from '../../errors.js'

/** Work that takes turns by who asks for it. */
export interface CallerTurns {
  /** Does `work` when it is the caller's turn. Rejects with `ERR_BUSY` if too much of theirs waits. */
  run<T>(caller: string, work: () => Promise<T>): Promise<T>
}

/** What one caller has asked for. */
interface Line {
  running: number
  readonly waiting: (() => void)[]
}

/**
 * Holds each caller to so many pieces of work at a time, so that nobody fills the line of the hashing threads.
 *
 * @param most how many run at a time for one caller
 * @param places how many wait for one caller
 */
export function createCallerTurns(most: number, places: number): CallerTurns {
  const lines = new Map<string, Line>()

  return {
    async run(caller, work) {
      const line = lines.get(caller) ?? { running: 0, waiting: [] }
      lines.set(caller, line)
      if (line.running < most) line.running++
      else if (line.waiting.length < places) {
        await new Promise<void>((resolve) => line.waiting.push(resolve))
      } else throw new AuthError('ERR_BUSY', 'too many of your changes wait, try again')
      try {
        return await work()
      } finally {
        const next = line.waiting.shift()
        if (next)
          next() // takes this place
        else if (--line.running === 0) lines.delete(caller)
      }
    },
  }
}
