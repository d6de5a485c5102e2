import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runRestore } from '../../src/cli/registry/meta-restore.js'
import { loadConfig } from '../../src/config/load-config.js'
import { backUp } from '../../src/registry/backup/backup.js'
import { createRegistry } from '../../src/registry/registry.js'
import { createStore } from '../../src/registry/store/backend.js'
import type { Store } from '../../src/registry/store/store.js'
import { createMemoryBackend, type MemoryState } from '../support/memory-backend.js'
import { temporaryDirectory } from '../support/program.js'

let store: Store
vi.mock('../../src/serve/meta-node/open-store.js', () => ({ openStore: async () => store }))

let directory: ReturnType<typeof temporaryDirectory>
beforeEach(() => { directory = temporaryDirectory() })
afterEach(() => directory.remove())

const USERS = 4_000

/** A backup of more than is read at a time. */
async function writeBackup(path: string): Promise<void> {
  const from = createStore(createMemoryBackend({ index: 0, entries: new Map() }, USERS * 2), 10)
  await from.change((draft) => {
    for (let i = 0; i < USERS; i++) draft.put(['user', `user${i}`], { hash: `$2b$04$${'x'.repeat(53)}`, permissions: [] })
  })
  let text = ''
  await backUp(createRegistry(from), async (piece) => { text += piece })
  writeFileSync(path, text)
}

test.each([
  // says                                                   writes at a time           is something changed
  ['a store that takes it whole: nothing was changed',      Number.POSITIVE_INFINITY,  false],
  ['one that takes it in pieces: nobody says so',           100,                       true],
])('a backup that goes wrong after it was checked, and %s', async (_says, most, isChanged) => {
  const path = join(directory.path, 'backup')
  await writeBackup(path)
  const state: MemoryState = { index: 0, entries: new Map() }
  const backend = createMemoryBackend(state, most)
  store = createStore(backend, 10)
  const { replace } = store
  // Between the two times that it is read, its end is written over
  store = Object.assign(Object.create(store), {
    replace: (...args: Parameters<Store['replace']>) => {
      writeFileSync(path, readFileSync(path, 'utf8').replace(/.{20}\n$/, `${'x'.repeat(20)}\n`))
      return replace.apply(store, args)
    },
  })
  const error = await runRestore(loadConfig({ file: false, env: {} }), path, { withoutAdmin: true }).catch((e: Error) => e)
  expect(error).toMatchObject({ code: 'ERR_REQUEST_INVALID', message: expect.stringMatching(/^\/.*: line \d+: /) })
  expect((error as Error).message.endsWith('; nothing was changed')).toBe(!isChanged)
  expect(state.entries.size > 0).toBe(isChanged)
})
