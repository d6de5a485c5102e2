import { join } from 'node:path'
import { ABORT, type Database, open } from 'lmdb'
import { AuthError } from '../../errors.js'
import type { Milliseconds } from '../../time.js'
import { type Backend, createStore } from '../store/backend.js'
import { createBytesSnapshot } from '../store/bytes-snapshot.js'
import type { Store } from '../store/store.js'
import { encodeKey } from '../store/store-key.js'
import { hideFiles, prepareDirectory, syncDirectory } from './data-directory.js'
import { foreign, inspectDataFile } from './lmdb-file.js'
import { isReadable } from './lmdb-probe.js'

export interface LmdbStoreOptions {
  /** How long a change may wait for the disk, or for another process's change. @default 30_000 */
  patience?: Milliseconds

  /** How many changes are remembered for those who ask what they missed. @default 10_000 */
  logLength?: number | undefined
}

/** How often it is looked whether another process has changed the index. It takes some microseconds. */
const LOOK: Milliseconds = 100

/** The layout that is written here: `about` as below, `entries` as `key.ts` and `bytes-snapshot.ts` say. */
const LAYOUT = 1
const FIRST_INDEX = 1
const LAYOUT_KEY = Buffer.from('layout')
const INDEX_KEY = Buffer.from('index')

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

interface Files {
  /** The layout, and the index, whose version (as LMDB calls it) is the index itself. */
  about: Database<Buffer, Buffer>
  entries: Database<Buffer, Buffer>
  close(): Promise<void>
}

/**
 * The store of one machine: LMDB files in `directory`, which is made if need be. A process that is killed
 * loses nothing that was acknowledged. Several processes may use it; each hears of the others' changes in a tenth of
 * a second.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line that names the path and says
 *   what to do
 */
export async function openLmdbStore(
  directory: string,
  options: LmdbStoreOptions = {},
): Promise<Store> {
  const { patience = 30_000, logLength } = options
  prepareDirectory(directory)
  try {
    const file = join(directory, 'data.mdb')
    const state = inspectDataFile(file)
    if (state === 'short' && !(await isReadable(directory))) throw foreign(file, 'is cut short')
    const files = await openFiles(directory, file)
    hideFiles(file, join(directory, 'lock.mdb'))
    if (state === 'fresh') syncDirectory(directory)
    return createStore(createBackend(files), patience, logLength)
  } catch (cause) {
    if (cause instanceof AuthError) throw cause
    const message = `${directory} cannot be opened: ${(cause as Error).message}`
    throw new AuthError('ERR_STORE_UNAVAILABLE', message, { cause })
  }
}

async function openFiles(directory: string, file: string): Promise<Files> {
  const root = open({ path: directory, ...OPTIONS })
  try {
    const names = [...root.getKeys({ limit: 3 })]
    if (names.length > 0 && !names.includes('about')) throw foreign(file, 'is not ours')
    const about = root.openDB<Buffer, Buffer>({ name: 'about', ...BYTES, useVersions: true })
    const entries = root.openDB<Buffer, Buffer>({ name: 'entries', ...BYTES })
    await about.ifNoExists(LAYOUT_KEY, () => {
      about.put(LAYOUT_KEY, Buffer.from(`kapacitor-auth ${LAYOUT}`), 0)
      about.put(INDEX_KEY, Buffer.from(String(FIRST_INDEX)), FIRST_INDEX)
    })
    checkLayout(String(about.get(LAYOUT_KEY)), file)
    return { about, entries, close: () => root.close() }
  } catch (error) {
    await root.close()
    throw error
  }
}

function checkLayout(text: string, file: string): void {
  const [, layout] = /^kapacitor-auth (\d+)$/.exec(text) ?? []
  if (layout === undefined) throw foreign(file, 'is not ours')
  if (Number(layout) === LAYOUT) return
  const message = `${file} was written by a newer kapacitor-auth (layout ${layout}, not ${LAYOUT}): run that version, or a newer one`
  throw new AuthError('ERR_CONFIG_INVALID', message)
}

function createBackend({ about, entries, close }: Files): Backend {
  return {
    snapshot() {
      try {
        entries.resetReadTxn()
        const transaction = entries.useReadTransaction()
        return createBytesSnapshot({
          index: Number(about.get(INDEX_KEY, { transaction })),
          get: (key) => entries.get(key, { transaction }),
          range: (start, end) => entries.getRange({ start, end, transaction })[Symbol.iterator](),
          done: () => transaction.done(),
        })
      } catch (cause) {
        throw new AuthError('ERR_STORE_UNAVAILABLE', 'the registry cannot be read', { cause })
      }
    },

    async commit(index, writes) {
      const next = index + 1
      const written = about.ifVersion(INDEX_KEY, index, () => {
        for (const { bytes, text } of writes) {
          if (text === undefined) entries.remove(bytes)
          else entries.put(bytes, Buffer.from(text))
        }
        about.put(INDEX_KEY, Buffer.from(String(next)), next)
      })
      try {
        return await written
      } catch (error) {
        const { commitError } = error as { commitError?: Promise<never> }
        const cause = await commitError?.catch((reason) => reason)
        throw unwritable(cause ?? error)
      }
    },

    /** One transaction, open until all is put: other writers wait, readers do not. */
    async replace(index, batches, above) {
      const next = Math.max(index, above) + 1
      try {
        const result = await entries.transactionSync(async () => {
          if (Number(about.get(INDEX_KEY)) !== index) return ABORT
          entries.clearSync()
          for await (const batch of batches) {
            for (const { key, value } of batch) {
              entries.putSync(encodeKey(key), Buffer.from(JSON.stringify(value)))
            }
          }
          about.putSync(INDEX_KEY, Buffer.from(String(next)), next)
        })
        return result === ABORT ? undefined : next
      } catch (error) {
        if (error instanceof AuthError) throw error
        throw unwritable(error)
      }
    },

    watch(listener) {
      let known = latest()
      const timer = setInterval(() => {
        const index = latest()
        if (index === known) return
        known = index
        listener()
      }, LOOK).unref()
      return () => clearInterval(timer)
    },

    close,
  }

  /** The index; undefined if it cannot be read, of which whoever reads next is told. */
  function latest(): string | undefined {
    try {
      about.resetReadTxn()
      return about.get(INDEX_KEY)?.toString()
    } catch {
      return undefined
    }
  }
}

function unwritable(cause: unknown): AuthError {
  return new AuthError('ERR_STORE_UNAVAILABLE', 'the registry cannot be written to', { cause })
}
