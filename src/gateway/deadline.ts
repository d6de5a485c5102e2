import type { Milliseconds } from '../time.js'

/** One timer, set anew for each thing that is waited for. */
export class Deadline {
  readonly #onExpired: (what: string) => void
  #timer: NodeJS.Timeout | undefined

  /** @param onExpired told what did not happen in time */
  constructor(onExpired: (what: string) => void) {
    this.#onExpired = onExpired
  }

  /** From now on, for `time`; for ever if it is 0. */
  set(time: Milliseconds, what: string): void {
    clearTimeout(this.#timer)
    this.#timer = time > 0 ? setTimeout(this.#onExpired, time, what) : undefined
  }

  /** The same again from now on; nothing if it is not set. */
  refresh(): void {
    this.#timer?.refresh()
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
