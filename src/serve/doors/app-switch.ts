import type { RequestListener } from 'node:http'
import type { DoorApp } from './door.js'

/** Passes requests to the current app, which can be replaced while requests are in flight. */
export interface AppSwitch {
  readonly handle: RequestListener
  readonly app: DoorApp
  /** From now on requests go to `next`. The old app is closed when its last request is answered. */
  replace(next: DoorApp): void
  /** Closes every app that is still there. */
  close(): Promise<void>
}

/** An app with the requests that it has not answered yet. */
interface Entry {
  readonly app: DoorApp
  running: number
}

export function createAppSwitch(first: DoorApp): AppSwitch {
  let current: Entry = { app: first, running: 0 }
  /** Replaced, with requests in flight. */
  const old = new Set<Entry>()
  const closing = new Set<Promise<void>>()

  /** Closes an app that was replaced; leaves the current one alone. */
  function finish(entry: Entry): void {
    if (!old.delete(entry)) return
    const end = entry.app
      .close()
      .catch(() => {}) // there is nobody left to tell
      .finally(() => closing.delete(end))
    closing.add(end)
  }

  return {
    handle(req, res) {
      const entry = current
      entry.running++
      res.once('close', () => {
        entry.running--
        if (entry.running === 0) finish(entry)
      })
      entry.app.handle(req, res)
    },
    get app() {
      return current.app
    },
    replace(next) {
      const before = current
      current = { app: next, running: 0 }
      old.add(before)
      if (before.running === 0) finish(before)
    },
    async close() {
      for (const entry of [...old]) finish(entry)
      await Promise.all([...closing, current.app.close()])
    },
  }
}
