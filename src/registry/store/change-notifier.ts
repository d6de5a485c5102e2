import { createSerialQueue } from '../../serial-queue.js'
import type { Milliseconds } from '../../time.js'
import { changesSince, indexOfMark } from './change-log.js'
import type { Snapshot, StoreChange } from './store.js'
import type { Key } from './store-key.js'
import { createWatchers, type Listener } from './watchers.js'

export interface ChangeNotifierOptions {
  /** Reads the latest state, log included. */
  read<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T>

  /** As a backend's. */
  watch(listener: () => void): () => void
}

/** After this time it is tried again when the state could not be read. */
const AGAIN: Milliseconds = 250

/** Notifies watchers of every change, in order and without gaps, no matter which process made it. */
export function createChangeNotifier({ read, watch }: ChangeNotifierOptions) {
  const watchers = createWatchers()
  const turns = createSerialQueue()
  /** The keys of changes that are being made here, by mark: the log may not hold all of them. */
  const own = new Map<string, readonly Key[]>()
  /** The latest index that was seen here. No watcher knows of a newer one. */
  let seen: number | undefined
  /** The mark of the state that watchers know of. */
  let told: string | undefined
  let unwatch: (() => void) | undefined
  let isLooking = false
  let again: NodeJS.Timeout | undefined

  function note(index: number): void {
    seen = Math.max(seen ?? 0, index)
    if (watchers.size > 0) told ??= String(index)
  }

  async function deliver(change: StoreChange): Promise<void> {
    told = change.mark
    await watchers.notify(change)
  }

  /** Notifies of what has happened since. */
  async function catchUp(): Promise<void> {
    if (watchers.size === 0) return
    const { index, mark, changes } = await read((snapshot) => changesSince(snapshot, told))
    if (!changes) return deliver({ index, mark, keys: undefined })
    for (const change of changes) {
      await deliver({ ...change, keys: change.keys ?? own.get(change.mark) })
    }
  }

  function look(): void {
    if (isLooking) return
    isLooking = true
    clearTimeout(again)
    const looked = turns.run(async () => {
      isLooking = false
      await catchUp()
    })
    looked.catch(() => {
      if (unwatch) again = setTimeout(look, AGAIN).unref()
    })
  }

  function stop(): void {
    clearTimeout(again)
    unwatch?.()
    unwatch = told = undefined
  }

  return {
    /** To be called with the index of each state that is read. */
    note,

    /** Does `commit`, which makes the change, and notifies watchers if it was made. */
    async during(
      change: StoreChange & { keys: readonly Key[] },
      commit: () => Promise<boolean>,
    ): Promise<boolean> {
      own.set(change.mark, change.keys)
      try {
        if (!(await commit())) return false
        await turns.run(async () => {
          note(change.index - 1)
          seen = change.index
          if (watchers.size === 0) return
          const at = indexOfMark(told ?? '') ?? 0
          if (change.index === at + 1) return deliver(change)
          if (change.index > at)
            await catchUp().catch(() => deliver({ ...change, keys: undefined }))
        })
        return true
      } finally {
        own.delete(change.mark)
      }
    },

    /** To be called after a change that the log does not hold. */
    async notifyLatest(): Promise<void> {
      await turns.run(() => catchUp().catch(look))
    },

    /** @returns a function that ends it */
    add(listener: Listener): () => void {
      if (watchers.size === 0) {
        told = seen === undefined ? undefined : String(seen)
        unwatch = watch(look)
      }
      const remove = watchers.add(listener)
      look()
      return () => {
        remove()
        if (watchers.size === 0) stop()
      }
    },

    /** Ends all, once the notifications in progress are done. */
    async close(): Promise<void> {
      stop()
      await turns.drained()
    },
  }
}
