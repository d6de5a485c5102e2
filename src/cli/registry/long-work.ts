import { escaped } from '../../text/printable.js'

/** A command that takes long, as it is shown on a terminal. */
export interface Work {
  /** Shows how far it is, on a terminal and not more often than it can be read: `4000 of 100000 users`. */
  progress(text: string): void
  /** Takes away what is shown. */
  end(): void
}

/** How often progress is shown. */
const PAUSE = 250

/** @param stream where it is shown: only if it is a terminal */
export function startWork(
  stream: { isTTY?: boolean; write(text: string): unknown } = process.stderr,
  now: () => number = Date.now,
): Work {
  let next = now() + PAUSE
  let isShown = false
  return {
    progress(text) {
      if (!stream.isTTY || now() < next) return
      next = now() + PAUSE
      isShown = true
      stream.write(`\r\x1b[K${escaped(text)}`)
    },
    end() {
      if (isShown) stream.write('\r\x1b[K')
      isShown = false
    },
  }
}

/** A signal that ends a command, with the exit code that shells expect (128 and its number). */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Does `work`. When the process is told to end meanwhile it says so in a sentence, and ends once `cleanUp` is done.
 *
 * @param consequence what has become of the work, as a sentence: `nothing was changed`
 */
export async function interruptible<T>(
  work: () => Promise<T>,
  consequence: () => string,
  cleanUp: () => void = () => {},
): Promise<T> {
  const listeners = Object.entries(SIGNALS).map(([signal, code]) => {
    const listener = () => {
      try {
        cleanUp()
      } finally {
        process.stderr.write(`\nkapacitor-auth: interrupted: ${consequence()}\n`)
        process.exit(code)
      }
    }
    process.once(signal, listener)
    return [signal, listener] as const
  })
  try {
    return await work()
  } finally {
    for (const [signal, listener] of listeners) process.off(signal, listener)
  }
}
