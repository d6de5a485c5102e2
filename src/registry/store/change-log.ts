import { randomBytes } from 'node:crypto'
import type { Write } from './draft.js'
import type { Progress, Snapshot, StoreChange, Value } from './store.js'
import { encodeKey, type Key } from './store-key.js'

/**
 * `['change', block, index]`: what the latest changes did, each written with the change itself. It is the store's own,
 * and in no range of everything: a backup does not hold it.
 */
export const CHANGES = 'change'

/** How many changes are kept by default. */
export const LOG_LENGTH = 10_000

/** How many writes a change's entry takes, at the most. */
export const LOG_WRITES = 2

/** A change of more keys than this is kept as one of which nothing is known. */
const MOST_KEYS = 1_000

/** More than that in all is not worth reading: it is cheaper to ask anew. */
const MOST_KEYS_READ = 20_000

/** How many changes stand together, to be read at once. */
const BLOCK = 64

interface LogEntry {
  readonly mark: string
  readonly keys: readonly Key[] | null
}

/** The name of the state that a change of those keys leads to, and what is to be written with it. */
export function logChange(
  index: number,
  writes: readonly Write[],
  length: number,
): { mark: string; log: readonly Write[] } {
  const mark = `${index}-${randomBytes(6).toString('base64url')}`
  const keys = writes.length > MOST_KEYS ? null : writes.map(({ key }) => key)
  const log = [write(keyOf(index), JSON.stringify({ mark, keys } satisfies LogEntry))]
  if (index > length) log.push(write(keyOf(index - length), undefined))
  return { mark, log }
}

/**
 * The index in a mark: `4711`, or `4711-` and an id that only this change has, so that a state of another
 * registry, or of one that was set back, is not taken for this one's.
 *
 * @returns undefined if it is not a mark
 */
export function indexOfMark(mark: string): number | undefined {
  const [, digits] = /^(\d{1,15})(?:-[\w-]{1,32})?$/.exec(mark) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** What has changed since the state of that mark; nothing, if there is none yet. */
export async function changesSince(
  snapshot: Snapshot,
  mark: string | undefined,
): Promise<Progress> {
  const { index } = snapshot
  const from = mark === undefined ? index : indexOfMark(mark)
  const first = Math.min(from ?? index, index)
  const entries = await read(snapshot, first)
  const latest = entries?.get(index) ?? (await read(snapshot, index))?.get(index)
  return {
    index,
    mark: latest?.mark ?? String(index),
    changes: from === undefined || from > index ? undefined : after(from, index, mark, entries),
  }
}

function after(
  from: number,
  index: number,
  mark: string | undefined,
  entries: ReadonlyMap<number, LogEntry> | undefined,
): readonly StoreChange[] | undefined {
  if (mark?.includes('-') && entries?.get(from)?.mark !== mark) return undefined
  const changes: StoreChange[] = []
  for (let at = from + 1; at <= index; at++) {
    const entry = entries?.get(at)
    if (!entry) return undefined
    changes.push({ index: at, mark: entry.mark, keys: entry.keys ?? undefined })
  }
  return changes
}

/** The entries from `first` on; undefined if they are too many. */
async function read(
  snapshot: Snapshot,
  first: number,
): Promise<ReadonlyMap<number, LogEntry> | undefined> {
  const entries = new Map<number, LogEntry>()
  let keys = 0
  for (let block = blockOf(first); block <= blockOf(snapshot.index); block++) {
    for await (const { key, value } of snapshot.range([CHANGES, padded(block)])) {
      const index = Number(key[2])
      if (index < first) continue
      const entry = value as Value & object as unknown as LogEntry
      entries.set(index, entry)
      keys += entry.keys?.length ?? 0
      if (keys > MOST_KEYS_READ) return undefined
    }
    // The oldest are missing: what follows is of no use
    if (block === blockOf(first + 1) && first < snapshot.index && !entries.has(first + 1)) {
      return undefined
    }
  }
  return entries
}

const blockOf = (index: number) => Math.floor(index / BLOCK)
const keyOf = (index: number): Key => [CHANGES, padded(blockOf(index)), padded(index)]
const padded = (number: number) => String(number).padStart(16, '0')

function write(key: Key, text: string | undefined): Write {
  return { key, bytes: encodeKey(key), text }
}

/** The same state without the log, where everything is asked for. */
export function withoutLog(snapshot: Snapshot): Snapshot {
  return {
    index: snapshot.index,
    get: (key) => snapshot.get(key),
    range: (prefix) => (prefix.length === 0 ? visible(snapshot) : snapshot.range(prefix)),
  }
}

async function* visible(snapshot: Snapshot) {
  for await (const entry of snapshot.range([])) if (entry.key[0] !== CHANGES) yield entry
}
