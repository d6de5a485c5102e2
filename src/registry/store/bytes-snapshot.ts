import { AuthError } from '../../errors.js'
import type { OpenSnapshot } from './backend.js'
import type { Entry, Value } from './store.js'
import { decodeKey, encodeKey, type Key, keyRange } from './store-key.js'

/** A state as bytes, which can be read at once. */
export interface BytesReader {
  readonly index: number
  get(key: Buffer): Buffer | undefined
  range(start: Buffer, end: Buffer): Iterator<{ key: Buffer; value: Buffer }>
  /** Lets go of the state. Every iterator has been told to return by then. */
  done(): void
}

/** A snapshot over bytes: keys as in `key.ts`, values as JSON. */
export function createBytesSnapshot(reader: BytesReader): OpenSnapshot {
  const open = new Set<Iterator<unknown>>()
  let closed = false

  /** What fails here is the store's fault: damaged pages, no memory, no free reader. */
  function attempt<T>(read: () => T): T {
    if (closed) throw new TypeError('a snapshot was used after its work had ended')
    try {
      return read()
    } catch (cause) {
      throw new AuthError('ERR_STORE_UNAVAILABLE', 'the registry cannot be read', { cause })
    }
  }

  async function* range(prefix: Key): AsyncGenerator<Entry> {
    const { start, end } = keyRange(prefix)
    const iterator = attempt(() => reader.range(start, end))
    open.add(iterator)
    const next = (): Entry | undefined => {
      const step = iterator.next()
      return step.done
        ? undefined
        : { key: decodeKey(step.value.key), value: parse(step.value.value) }
    }
    try {
      for (let entry = attempt(next); entry; entry = attempt(next)) yield entry
    } finally {
      open.delete(iterator)
      iterator.return?.()
    }
  }

  return {
    index: reader.index,
    async get(key) {
      const bytes = encodeKey(key)
      return attempt(() => {
        const value = reader.get(bytes)
        return value && parse(value)
      })
    },
    range,
    close() {
      closed = true
      for (const iterator of open) iterator.return?.()
      reader.done()
    },
  }
}

function parse(bytes: Buffer): Value {
  return JSON.parse(bytes.toString())
}
