import { AuthError } from '../../errors.js'
import { CHANGES } from './change-log.js'
import type { Write } from './draft.js'
import type { Entry, Snapshot } from './store.js'
import { encodeKey, type Key } from './store-key.js'

/** What of a backend is needed. */
interface Target {
  readonly maxWrites?: number
  snapshot(): OpenState | Promise<OpenState>
  commit(index: number, writes: readonly Write[]): Promise<boolean>
}

interface OpenState extends Snapshot {
  close(): void
}

/** A request to etcd is at most 1.5 MiB. */
const MOST_BYTES = 1_000_000

/** Somebody was faster, and nothing was written yet. */
const OVERTAKEN = Symbol('overtaken')

/** How often a piece is tried again because another process changed something. */
const TURNS = 100

/**
 * Replaces everything by commits that hold as many writes as the backend takes: first what is new, then what is left
 * over goes, so that the registry is never empty in between. The new keys are kept in memory.
 *
 * @returns the last commit's index; undefined if `index` was not the latest at the start
 */
export async function replaceInPieces(
  backend: Target,
  index: number,
  entries: AsyncIterable<readonly Entry[]>,
): Promise<number | undefined> {
  const { maxWrites = Number.POSITIVE_INFINITY } = backend
  const kept = new Set<string>()
  let latest = await latestIndex(backend)
  if (latest !== index) return undefined
  let piece: Write[] = []
  let size = 0
  let begun = false

  async function commit(): Promise<void> {
    if (piece.length === 0) return
    for (let turn = 0; turn < TURNS; turn++) {
      if (await backend.commit(latest, piece)) {
        piece = []
        size = 0
        begun = true
        latest = await latestIndex(backend)
        return
      }
      if (!begun) throw OVERTAKEN
      latest = await latestIndex(backend)
    }
    throw new AuthError('ERR_BUSY', 'too many changes at once, try again')
  }

  async function write(key: Key, text: string | undefined): Promise<void> {
    const bytes = encodeKey(key)
    if (text !== undefined) kept.add(bytes.toString('latin1'))
    const more = bytes.length + Buffer.byteLength(text ?? '')
    if (size + more > MOST_BYTES) await commit()
    piece.push({ key, bytes, text })
    size += more
    if (piece.length >= maxWrites) await commit()
  }

  try {
    for await (const batch of entries) {
      for (const { key, value } of batch) await write(key, JSON.stringify(value))
    }
    await commit()
    for (const key of await leftovers(backend, kept)) await write(key, undefined)
    await commit()
  } catch (error) {
    if (error === OVERTAKEN) return undefined
    throw error
  }
  return latest
}

async function latestIndex(backend: Target): Promise<number> {
  const snapshot = await backend.snapshot()
  snapshot.close()
  return snapshot.index
}

async function leftovers(backend: Target, kept: ReadonlySet<string>): Promise<readonly Key[]> {
  const snapshot = await backend.snapshot()
  const keys: Key[] = []
  try {
    for await (const { key } of snapshot.range([])) {
      if (key[0] !== CHANGES && !kept.has(encodeKey(key).toString('latin1'))) keys.push(key)
    }
  } finally {
    snapshot.close()
  }
  return keys
}
