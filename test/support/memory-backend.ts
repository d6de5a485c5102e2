import type { Backend } from '../../src/registry/store/backend.js'
import { createBytesSnapshot } from '../../src/registry/store/bytes-snapshot.js'
import type { Write } from '../../src/registry/store/draft.js'

/** What several backends share, as machines share an etcd. */
export interface MemoryState {
  index: number
  entries: ReadonlyMap<string, Buffer>
  listeners?: Set<() => void>
}

/** A backend that forgets, whose commits hold only so much; more is refused with a `RangeError`. */
export function createMemoryBackend(state: MemoryState, maxWrites: number): Backend & { commits: (readonly Write[])[] } {
  return {
    commits: [],
    maxWrites,
    snapshot() {
      const { index, entries } = state
      const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
      return createBytesSnapshot({
        index,
        get: (key) => entries.get(key.toString('latin1')),
        range: (start, end) => sorted
          .map(([key, value]) => ({ key: Buffer.from(key, 'latin1'), value }))
          .filter(({ key }) => Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0)[Symbol.iterator](),
        done: () => {},
      })
    },
    async commit(index, writes) {
      if (writes.length > maxWrites) throw new RangeError(`${writes.length} writes, ${maxWrites} are allowed`)
      if (index !== state.index) return false
      const entries = new Map(state.entries)
      for (const { bytes, text } of writes) {
        if (text === undefined) entries.delete(bytes.toString('latin1'))
        else entries.set(bytes.toString('latin1'), Buffer.from(text))
      }
      state.entries = entries
      state.index++
      this.commits.push(writes)
      for (const listener of state.listeners ?? []) listener()
      return true
    },
    watch(listener) {
      const own = () => listener()
      state.listeners ??= new Set()
      state.listeners.add(own)
      return () => state.listeners?.delete(own)
    },
    async close() {},
  }
}
