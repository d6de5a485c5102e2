import { AuthError } from '../../errors.js'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import { createFairQueue } from '../fair-queue.js'
import type { Requester } from '../passwords/hasher.js'

export interface LookupLimitOptions {
  /** How many look-ups run at a time; the others wait. */
  concurrent: number

  /** How many may wait; for more, one is refused with `ERR_BUSY` (503). @default 1_024 */
  waiting?: number

  /** How long one may wait before it is refused with `ERR_BUSY` when its turn comes. @default 5_000 (5 seconds) */
  patience?: Milliseconds

  /** @default the process's monotonic clock */
  now?: Clock
}

interface Waiting {
  readonly since: Milliseconds
  readonly start: () => void
  readonly refuse: () => void
}

/**
 * A function that does `work` when there is room for it: at once, or in fair turns by origin and name. It bounds the
 * look-ups of all origins together, so that a flood of names never takes all connections to the directory.
 */
export function createLookupLimit(options: LookupLimitOptions) {
  const { concurrent, waiting = 1_024, patience = 5_000, now = monotonic } = options
  const queue = createFairQueue<Waiting>(waiting)
  let running = 0

  function turn(requester: Requester): Promise<void> | undefined {
    if (running < concurrent) {
      running++
      return undefined
    }
    return new Promise((start, reject) => {
      const refuse = () => reject(busy())
      queue.push({ since: now(), start, refuse }, requester)?.refuse()
    })
  }

  /** Gives the free place to the next in the queue. */
  function proceed(): void {
    const latest = now() - patience
    for (const { refuse } of queue.dropWhile(({ since }) => since < latest)) refuse()
    const next = queue.shift()
    if (next) next.start()
    else running--
  }

  return function limited<T>(requester: Requester, work: () => Promise<T>): Promise<T> {
    const run = () => work().finally(proceed)
    return turn(requester)?.then(run) ?? run()
  }
}

const busy = () => new AuthError('ERR_BUSY', 'too many users are being looked up, try again')
