import type { RequestListener } from 'node:http'
import type { Front } from './door-app.js'

/** Hands requests to one front, and from one moment on to the next. */
export interface Swap {
  readonly handle: RequestListener
  readonly front: Front
  /** From now on requests go to `next`. The old front is closed when its last request is answered. */
  replace(next: Front): void
  /** Closes every front that is still there. */
  close(): Promise<void>
}

/** A front with the requests that it has not answered yet. */
interface Place {
  readonly front: Front
  running: number
}

export function createSwap(first: Front): Swap {
  let current: Place = { front: first, running: 0 }
  /** Replaced, and still at work. */
  const old = new Set<Place>()
  const closing = new Set<Promise<void>>()

  /** Closes a front that was replaced; leaves the current one alone. */
  function finish(place: Place): void {
    if (!old.delete(place)) return
    const end = place.front
      .close()
      .catch(() => {}) // nobody is left who could be told
      .finally(() => closing.delete(end))
    closing.add(end)
  }

  return {
    handle(req, res) {
      const place = current
      place.running++
      res.once('close', () => {
        place.running--
        if (place.running === 0) finish(place)
      })
      place.front.handle(req, res)
    },
    get front() {
      return current.front
    },
    replace(next) {
      const before = current
      current = { front: next, running: 0 }
      old.add(before)
      if (before.running === 0) finish(before)
    },
    async close() {
      for (const place of [...old]) finish(place)
      await Promise.all([...closing, current.front.close()])
    },
  }
}
