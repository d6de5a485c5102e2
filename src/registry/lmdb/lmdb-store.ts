import { join } from 'node:path'
import { AuthError } from '../../errors.js'
import type { Milliseconds } from '../../time.js'
import { upgradeFromLayout1 } from '../layout-1.js'
import { createStore } from '../store/backend.js'
import { LAYOUT, layoutText } from '../store/layout.js'
import type { Store } from '../store/store.js'
import { hideFiles, prepareDirectory, syncDirectory } from './data-directory.js'
import { createLmdbBackend } from './lmdb-backend.js'
import { inspectDataFile } from './lmdb-file.js'
import { LAYOUT_KEY, type LmdbFiles, openFiles } from './lmdb-files.js'
import { notOpened, requireSpace, requireWhole } from './lmdb-refusal.js'

export interface LmdbStoreOptions {
  /** How long a change may wait for the disk, or for another process's change. @default 30_000 */
  patience?: Milliseconds

  /** How many changes are remembered for those who ask what they missed. @default 10_000 */
  logLength?: number | undefined

  /**
   * Whether another process of this program has just opened the same files, so that they need not be read to find out
   * whether they are damaged. @default false
   */
  isChecked?: boolean | undefined
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
  const { patience = 30_000, logLength, isChecked = false } = options
  prepareDirectory(directory)
  try {
    const file = join(directory, 'data.mdb')
    const state = inspectDataFile(file)
    requireSpace(directory)
    if (state !== 'fresh' && !isChecked) await requireWhole(directory, file, state)
    const files = await openFiles(directory, file, state)
    hideFiles(file, join(directory, 'lock.mdb'))
    if (state === 'fresh') syncDirectory(directory)
    const store = createStore(createLmdbBackend(files), patience, logLength)
    if (files.layout !== LAYOUT) await upgrade(store, files)
    return store
  } catch (cause) {
    if (cause instanceof AuthError) throw cause
    throw notOpened(directory, cause as Error)
  }
}

async function upgrade(store: Store, { about, layout }: LmdbFiles): Promise<void> {
  try {
    if (layout === 1) await upgradeFromLayout1(store) // what 2 has means the same in 3
    await about.put(LAYOUT_KEY, Buffer.from(layoutText()), 0)
  } catch (error) {
    await store.close()
    throw error
  }
}
