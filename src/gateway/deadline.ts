import type { Milliseconds } from '../time.js'

/** One timer, set again for each thing that is waited for. */
export class Deadline {
  readonly #onExpired: (what: string) => void
  #timer: NodeJS.Timeout | undefined

  /** @param onExpired called with what did not happen in time */
  constructor(onExpired: (what: string) => void) {
    this.#onExpired = onExpired
  }

  /** Starts it: it expires after `time`, or never if that is 0. */
  set(time: Milliseconds, what: string): void {
    clearTimeout(this.#timer)
    this.#timer = time > 0 ? setTimeout(this.#onExpired, time, what) : undefined
  }

  /** Starts it again with the same time; does nothing if it is not set. */
  refresh(): void {
    this.#timer?.refresh()
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
