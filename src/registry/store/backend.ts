import { AuthError } from '../../errors.js'
import { createSerialQueue } from '../../serial-queue.js'
import { type Milliseconds, withDeadline } from '../../time.js'
import { changesSince, LOG_LENGTH, LOG_WRITES, logChange, withoutLog } from './change-log.js'
import { createChangeNotifier } from './change-notifier.js'
import { createDraft, type Write } from './draft.js'
import { replaceInPieces } from './replace-in-pieces.js'
import type { Draft, Entry, Snapshot, Store } from './store.js'

/** A snapshot that holds on to something until it is closed. */
export interface OpenSnapshot extends Snapshot {
  close(): void
}

/** What a store must be able to do; `createStore` makes a `Store` of it. */
export interface Backend {
  /** The latest state. */
  snapshot(): OpenSnapshot | Promise<OpenSnapshot>

  /**
   * Writes all or nothing, and resolves when it is safe: with false, and nothing written, if `index` is not
   * the latest any more. The index grows by one.
   */
  commit(index: number, writes: readonly Write[]): Promise<boolean>

  /**
   * Calls `listener` when the latest index may have grown by somebody else's change.
   *
   * @returns a function that ends it
   */
  watch(listener: () => void): () => void

  /** How many writes a commit may hold. @default any number */
  readonly maxWrites?: number

  /**
   * Replaces everything in one go, and resolves when it is safe: with the new index, which is greater than `above`; with
   * undefined, and nothing read or written, if `index` is not the latest any more. Nothing is changed when `entries`
   * throws. @default in pieces, by commits
   */
  replace?(
    index: number,
    entries: AsyncIterable<readonly Entry[]>,
    above: number,
  ): Promise<number | undefined>

  close(): Promise<void>
}

/** How often a change is tried again because another process was faster. */
const TURNS = 100

/**
 * Changes one after the other, watchers, and an orderly end: what all stores have in common.
 *
 * @param patience how long a change may take to be written; it then rejects, though it may yet happen
 * @param logLength how many changes are remembered, for those who come back
 */
export function createStore(
  backend: Backend,
  patience: Milliseconds,
  logLength: number = LOG_LENGTH,
): Store {
  const notifier = createChangeNotifier({
    read: reading,
    watch: (listener) => backend.watch(listener),
  })
  const changes = createSerialQueue()
  const reads = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  async function reading<T>(work: (snapshot: Snapshot) => Promise<T> | T): Promise<T> {
    const snapshot = await backend.snapshot()
    notifier.note(snapshot.index)
    try {
      return await work(snapshot)
    } finally {
      snapshot.close()
    }
  }

  async function changing<T>(work: (draft: Draft) => Promise<T> | T): Promise<T> {
    for (let turn = 0; turn < TURNS; turn++) {
      const { result, index, writes } = await reading(async (snapshot) => {
        const { draft, writes } = createDraft(withoutLog(snapshot))
        return { result: await work(draft), index: snapshot.index, writes: writes() }
      })
      if (writes.length === 0) return result
      if (await within(patience, committed(index, writes))) return result
    }
    throw new AuthError('ERR_BUSY', 'too many changes at once, try again')
  }

  /** Watchers are notified even if the caller has given up waiting. */
  async function committed(index: number, writes: readonly Write[]): Promise<boolean> {
    const next = index + 1
    const { mark, log } = logChange(next, writes, logLength)
    const change = { index: next, mark, keys: writes.map(({ key }) => key) }
    return notifier.during(change, () => backend.commit(index, [...writes, ...log]))
  }

  function refuseClosed(): void {
    if (closing) throw new AuthError('ERR_STORE_UNAVAILABLE', 'the registry is closed')
  }

  async function read<T>(work: (snapshot: Snapshot) => Promise<T> | T): Promise<T> {
    refuseClosed()
    const read = reading(work)
    reads.add(read)
    return read.finally(() => reads.delete(read))
  }

  return {
    read: (work) => read((snapshot) => work(withoutLog(snapshot))),
    since: (mark) => read((snapshot) => changesSince(snapshot, mark)),

    async change(work) {
      refuseClosed()
      return changes.run(() => changing(work))
    },

    maxWrites: (backend.maxWrites ?? Number.POSITIVE_INFINITY) - LOG_WRITES,

    async replace(index, entries, above = 0) {
      refuseClosed()
      return changes.run(async () => {
        const next = await (backend.replace
          ? backend.replace(index, entries, above)
          : replaceInPieces(backend, index, entries))
        if (next === undefined) return false
        await notifier.notifyLatest()
        return true
      })
    },

    watch: (listener) => notifier.add(listener),

    close() {
      closing ??= (async () => {
        await changes.drained()
        await notifier.close()
        await Promise.allSettled(reads)
        await backend.close()
      })()
      return closing
    },
  }
}

/** What a write comes to, or `ERR_STORE_UNAVAILABLE` after `patience`. A later outcome is dropped. */
async function within<T>(patience: Milliseconds, promise: Promise<T>): Promise<T> {
  const written = await withDeadline(patience, promise)
  if (written) return written.value
  const cause = new Error(`not written in ${patience} ms`)
  throw new AuthError('ERR_STORE_UNAVAILABLE', 'the registry cannot be written to', { cause })
}
