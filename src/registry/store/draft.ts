import type { Draft, Entry, Snapshot, Value } from './store.js'
import { encodeKey, type Key, keyRange } from './store-key.js'

/** What is to be written: JSON under a key; undefined removes it. */
export interface Write {
  readonly key: Key
  readonly bytes: Buffer
  readonly text: string | undefined
  /** What it was removed with, for stores that can do so at once. */
  readonly sweep?: Sweep | undefined
}

/** All keys from `start` up to `end`, removed together; each of them has a `Write` of its own. */
export interface Sweep {
  readonly start: Buffer
  readonly end: Buffer
}

/** The state of a registry that was never made. */
export const NO_STATE: Snapshot = {
  index: 0,
  get: async () => undefined,
  async *range() {},
}

/** A draft over a snapshot, and the writes it was told, each key once, in order. */
export function createDraft(snapshot: Snapshot): { draft: Draft; writes(): readonly Write[] } {
  /** By the key's bytes as latin1, so that the order of strings is that of bytes. */
  const written = new Map<string, Write>()

  const write = (key: Key, text: string | undefined, sweep?: Sweep) => {
    const bytes = encodeKey(key)
    written.set(bytes.toString('latin1'), { key, bytes, text, sweep })
  }

  function writesIn(prefix: Key): readonly Write[] {
    const { start, end } = keyRange(prefix)
    const from = start.toString('latin1')
    const to = end.toString('latin1')
    const ids = [...written.keys()].filter((id) => id >= from && id < to).sort(ordered)
    return ids.map((id) => written.get(id) as Write)
  }

  const draft: Draft = {
    index: snapshot.index,
    async get(key) {
      const own = written.get(encodeKey(key).toString('latin1'))
      return own ? valueIn(own) : snapshot.get(key)
    },
    range: (prefix) => merge(snapshot.range(prefix), writesIn(prefix)),
    put: (key, value) => write(key, JSON.stringify(value)),
    remove: (key) => write(key, undefined),
    async removeAll(prefix) {
      const sweep = keyRange(prefix)
      for await (const { key } of draft.range(prefix)) write(key, undefined, sweep)
    },
  }
  return { draft, writes: () => writesIn([]) }
}

/** Both in order; where both have a key, the write counts. */
async function* merge(kept: AsyncIterable<Entry>, writes: readonly Write[]): AsyncGenerator<Entry> {
  let next = 0
  for await (const entry of kept) {
    const bytes = encodeKey(entry.key)
    let hidden = false
    for (let write = writes[next]; write; write = writes[++next]) {
      const order = Buffer.compare(write.bytes, bytes)
      if (order > 0) break
      if (order === 0) hidden = true
      yield* entryOf(write)
    }
    if (!hidden) yield entry
  }
  for (const write of writes.slice(next)) yield* entryOf(write)
}

function* entryOf(write: Write): Generator<Entry> {
  const value = valueIn(write)
  if (value !== undefined) yield { key: write.key, value }
}

function valueIn({ text }: Write): Value | undefined {
  return text === undefined ? undefined : JSON.parse(text)
}

function ordered(a: string, b: string): number {
  return a < b ? -1 : 1
}
