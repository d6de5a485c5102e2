import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type LmdbStoreOptions, openLmdbStore } from '../../src/registry/lmdb/lmdb-store.js'
import type { Store } from '../../src/registry/store/store.js'
import type { StoreBench } from '../contract/store-contract.js'

const directories: string[] = []
const stores: Store[] = []

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kapacitor-auth-meta-'))
  directories.push(directory)
  return directory
}

/** A store that is closed after the test. */
export async function openStore(
  directory = join(temporaryDirectory(), 'meta'),
  options?: LmdbStoreOptions,
): Promise<Store> {
  const store = await openLmdbStore(directory, options)
  stores.push(store)
  return store
}

/** Tests of what a store holds open the same files hundreds of times: that they are whole is other tests' affair. */
const KNOWN = { isChecked: true }

export async function openBench(): Promise<StoreBench> {
  const directory = join(temporaryDirectory(), 'meta')
  const store = await openStore(directory)
  return {
    store,
    async reopen() {
      await store.close()
      return openStore(directory, KNOWN)
    },
    another: () => openStore(directory, KNOWN),
  }
}
