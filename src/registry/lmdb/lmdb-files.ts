import { type Database, open, type RootDatabase } from 'lmdb'
import { AuthError } from '../../errors.js'
import {
  FIRST_CHECKED,
  FIRST_INDEX,
  LAYOUT,
  layoutIn,
  layoutText,
  writtenByNewer,
} from '../store/layout.js'
import { checkAfter, checkText, NO_ENTRIES } from './lmdb-check.js'
import { type DataFileState, foreign } from './lmdb-file.js'

export const LAYOUT_KEY = Buffer.from('layout')
export const INDEX_KEY = Buffer.from('index')
/** The check over all entries, see `lmdb-check.ts`. */
export const CHECK_KEY = Buffer.from('check')

const OPTIONS = {
  noSubdir: false,
  // Nobody sees a change before it is safe on disk, so that nobody acts on what a power cut takes back
  overlappingSync: false,
  // With it, a commit that fails is an unhandled rejection besides, which ends the process
  eventTurnBatching: false,
  maxDbs: 2,
  maxReaders: 256,
  permissionsMode: 0o600,
  // Each time the file outgrows its map, it is mapped once more, and what was touched counts twice as resident. So the
  // map is large at once: of addresses, not of memory or disk, except on Windows, where the file would become as large
  ...(process.platform === 'win32' ? {} : { mapSize: 16 * 1024 ** 3 }),
}
const BYTES = { keyEncoding: 'binary', encoding: 'binary' } as const

/** The LMDB files of a registry, open. */
export interface LmdbFiles {
  /** The layout, the check, and the index, whose version (as LMDB calls it) is the index itself. */
  about: Database<Buffer, Buffer>
  /** As `store-key.ts` and `bytes-snapshot.ts` say. */
  entries: Database<Buffer, Buffer>
  /** The layout that they were written in. */
  layout: number
  close(): Promise<void>
}

/**
 * Opens the files, and makes in them what a new registry has: only where nothing was ever there, for of damaged files
 * LMDB may say that they are empty.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, or as LMDB does
 */
export async function openFiles(
  directory: string,
  file: string,
  state: DataFileState,
): Promise<LmdbFiles> {
  const root = open({ path: directory, ...OPTIONS })
  try {
    requireReader(root)
    const names = [...root.getKeys({ limit: 3 })]
    if (names.length > 0 && !names.includes('about')) throw notOurs(file)
    const isNew = state === 'fresh' || state === 'begun'
    if (names.length === 0 && !isNew) throw foreign(file, 'is damaged')
    const about = root.openDB<Buffer, Buffer>({ name: 'about', ...BYTES, useVersions: true })
    const entries = root.openDB<Buffer, Buffer>({ name: 'entries', ...BYTES })
    if (isNew) {
      await about.ifNoExists(LAYOUT_KEY, () => {
        about.put(LAYOUT_KEY, Buffer.from(layoutText()), 0)
        about.put(INDEX_KEY, Buffer.from(String(FIRST_INDEX)), FIRST_INDEX)
        about.put(CHECK_KEY, checkText(NO_ENTRIES), 0)
      })
    }
    const layout = layoutOf(String(about.get(LAYOUT_KEY)), file)
    if (layout !== LAYOUT) {
      requireAlone(root, file, layout)
      if (layout < FIRST_CHECKED) sumUp({ about, entries })
    }
    return { about, entries, layout, close: () => root.close() }
  } catch (error) {
    await root.close()
    throw error
  }
}

/** What is said when LMDB gives no read transaction, for some seconds: its lock on the process's id is another's. */
export const NO_READER = 'no read transaction'

/** lmdb would print a text of its own at the first read without one. */
function requireReader(root: RootDatabase): void {
  try {
    root.useReadTransaction().done()
  } catch (cause) {
    throw cause instanceof TypeError ? new Error(NO_READER, { cause }) : cause
  }
}

function layoutOf(text: string, file: string): number {
  const layout = layoutIn(text)
  if (layout === undefined) throw notOurs(file)
  if (layout <= LAYOUT) return layout
  throw new AuthError('ERR_CONFIG_INVALID', `${file} ${writtenByNewer(layout)}`)
}

function notOurs(file: string): AuthError {
  return foreign(file, 'is not the data file of a registry')
}

/**
 * Refuses to rewrite an older layout under another process: one of that older version would misread what is written, and
 * might write without the check.
 */
function requireAlone(root: RootDatabase, file: string, layout: number): void {
  const others = readersIn(root.readerList()).filter((id) => id !== process.pid)
  if (others.length === 0) return
  const message = `${file} has layout ${layout} and is open in another process (id ${others.join(', ')}): stop it first, then this version can rewrite it`
  throw new AuthError('ERR_STORE_UNAVAILABLE', message)
}

/** The ids of the processes in LMDB's list of readers, whose lines are id, thread and transaction. */
function readersIn(list: string): number[] {
  return [
    ...new Set([...list.matchAll(/^ *(\d+) [\da-f]+ (?:\d+|-)$/gm)].map(([, id]) => Number(id))),
  ]
}

/** Layout 1 had no check, and who wrote it may have run again after an upgrade that was interrupted. */
function sumUp({ about, entries }: Pick<LmdbFiles, 'about' | 'entries'>): void {
  about.transactionSync(() => {
    let check = NO_ENTRIES
    for (const { key, value } of entries.getRange()) {
      check = checkAfter(check, key, undefined, value)
    }
    about.putSync(CHECK_KEY, checkText(check), 0)
  })
}
