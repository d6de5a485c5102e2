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
