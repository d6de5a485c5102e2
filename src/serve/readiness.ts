import type { Milliseconds } from '../time.js'

/** Whether something that is needed has been reached once. */
export interface Gate {
  readonly open: boolean
  /** Why not yet. */
  readonly reason: string | undefined
  /** Gives up. */
  close(): void
}

const FIRST_PAUSE: Milliseconds = 100
const LONGEST_PAUSE: Milliseconds = 5_000

/** Tries until it succeeds once, with growing pauses. An open gate stays open, whatever fails later. */
export function createGate(attempt: () => Promise<void>): Gate {
  let open = false
  let reason: string | undefined = 'not reached yet'
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function enter(pause: Milliseconds): Promise<void> {
    try {
      await attempt()
      open = true
      reason = undefined
    } catch (error) {
      reason = reasonOf(error)
      if (closed) return
      timer = setTimeout(enter, pause, Math.min(2 * pause, LONGEST_PAUSE)).unref()
    }
  }
  void enter(FIRST_PAUSE)

  return {
    get open() {
      return open
    },
    get reason() {
      return reason
    },
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

/** The message, and what is behind it: this package's causes hold no secrets. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
