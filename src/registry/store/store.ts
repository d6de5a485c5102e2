import type { Key } from './store-key.js'

/** What a store keeps under a key: whatever JSON can say. Frozen by agreement. */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [field: string]: Value }

/** A key with what is kept under it. */
export interface Entry {
  readonly key: Key
  readonly value: Value
}

/** One state of a store, whole and unchanging for as long as the work that was given it runs. */
export interface Snapshot {
  /** How many changes led to this state, and so what it is called: it grows by one with each. */
  readonly index: number

  /** What is kept under the key; undefined if nothing. */
  get(key: Key): Promise<Value | undefined>

  /** What is kept under the keys that begin with `prefix` and go on, in the order of `key.ts`. */
  range(prefix: Key): AsyncIterable<Entry>
}

/** What can be written to. */
export interface Writer {
  put(key: Key, value: Value): void
  remove(key: Key): void
}

/** A snapshot that can be written to. What it was told to write, it also reads. */
export interface Draft extends Snapshot, Writer {
  /** Removes what `range(prefix)` has. */
  removeAll(prefix: Key): Promise<void>
}

/** What a change did. */
export interface StoreChange {
  /** The index of the state it led to. */
  readonly index: number
  /** The name of that state, for `since`. */
  readonly mark: string
  /** The keys that were put or removed, in order; undefined if it may be any. */
  readonly keys: readonly Key[] | undefined
}

/** What led from one state to the latest. */
export interface Progress {
  readonly index: number
  /** What to say the next time. */
  readonly mark: string
  /** In order; undefined if they are not known: anything may have changed. */
  readonly changes: readonly StoreChange[] | undefined
}

/**
 * The seam behind which users and roles are kept: an ordered store of keys and values whose changes happen
 * one after the other. LMDB implements it for one machine; etcd for several.
 *
 * What fails for the store's own reasons rejects with `ERR_STORE_UNAVAILABLE`.
 */
export interface Store {
  /** Reads one state. The snapshot is dead once `work` has ended. */
  read<T>(work: (snapshot: Snapshot) => Promise<T> | T): Promise<T>

  /**
   * Changes the state, as if no other change happened meanwhile: `work` reads and writes a draft, which takes
   * effect whole when `work` ends, or not at all when it throws. Resolves once the change is safe on disk and
   * every watcher has heard of it. The index stays where it is if nothing was written.
   *
   * `work` may run several times, when another process was faster; it must have no effect but on the draft,
   * and must not wait for another change.
   */
  change<T>(work: (draft: Draft) => Promise<T> | T): Promise<T>

  /**
   * How many keys one change may write. A greater one is refused by the store; more has to be written in several
   * changes.
   */
  readonly maxWrites: number

  /**
   * Replaces all that is kept by `entries`, of which only a batch at a time is in memory. Where a change may hold any
   * number of keys it takes effect whole, or not at all when `entries` throws or the process ends. Elsewhere it is made
   * in pieces, what is new first, and an end in the middle leaves some of both: it is then to be made again.
   *
   * @param index of the state that it is made for: if that is not the latest any more, nothing is done
   * @param above the new index is greater than this, too, so that a client that knows a state of another store sees it grow
   * @returns whether it was done
   */
  replace(index: number, entries: AsyncIterable<readonly Entry[]>, above?: number): Promise<boolean>

  /**
   * Calls `listener` after each change of any process, in their order and without gaps, and waits for it: one that
   * is made here is told before it is acknowledged, another's soon after. What it throws is dropped, for the change
   * has happened. It must not wait for another change.
   *
   * @returns a function that ends it
   */
  watch(listener: (change: StoreChange) => void | Promise<void>): () => void

  /**
   * What has changed since the state of that mark: an index, or the mark that a change or this function told. A mark
   * of another registry, of a state to come, or of one too long ago is answered by `changes: undefined`: anything may have changed.
   *
   * @param mark undefined for the latest state
   */
  since(mark: string | undefined): Promise<Progress>

  /** Lets changes and reads under way end, refuses further ones, and closes the files. */
  close(): Promise<void>
}
