import { AuthError } from '../../errors.js'
import { type Clock, LONGEST_TIMER, type Milliseconds, monotonic } from '../../time.js'

/** How slowly a request's body may come. */
export interface LeastPace {
  /** Bytes in a second, on average over the whole body. 0: as slowly as the client likes. */
  readonly bytesPerSecond: number
  /** How long a client may be slower than that at first. */
  readonly grace: Milliseconds
}

/**
 * Measures how long a client takes over its body. Only the client's own time counts: what it waits for the upstream to
 * take more does not.
 */
export class BodyPace {
  readonly #least: LeastPace
  readonly #onTooSlow: () => void
  readonly #clock: Clock
  #received = 0
  #spent: Milliseconds = 0
  #turn: Milliseconds | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param onTooSlow called once, when the client has taken too long */
  constructor(least: LeastPace, onTooSlow: () => void, clock: Clock = monotonic) {
    this.#least = least
    this.#onTooSlow = onTooSlow
    this.#clock = clock
  }

  /** It is the client's turn from now on. */
  resume(): void {
    if (this.#turn !== undefined || this.#least.bytesPerSecond === 0) return
    this.#turn = this.#clock()
    this.#check()
  }

  /** So many bytes have come. */
  received(bytes: number): void {
    this.#received += bytes
  }

  /** It is not the client's turn any more. */
  pause(): void {
    if (this.#turn === undefined) return
    this.#spent += this.#clock() - this.#turn
    this.#turn = undefined
    clearTimeout(this.#timer)
  }

  /** How much more time the client has. */
  get #left(): Milliseconds {
    const { bytesPerSecond, grace } = this.#least
    const turn = this.#turn === undefined ? 0 : this.#clock() - this.#turn
    return grace + (this.#received / bytesPerSecond) * 1000 - this.#spent - turn
  }

  #check = (): void => {
    const left = this.#left
    if (left > 0) this.#timer = setTimeout(this.#check, Math.min(left, LONGEST_TIMER)).unref()
    else {
      this.pause()
      this.#onTooSlow()
    }
  }
}

/** The refusal of a body that came too slowly (408). What is left of it ends with the connection. */
export function bodyTooSlow(): AuthError {
  return new AuthError('ERR_REQUEST_TIMEOUT', 'request body sent too slowly', {
    headers: { Connection: 'close' },
  })
}
