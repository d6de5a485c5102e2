import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { describe, expect, test } from 'vitest'
import { backUp } from '../../src/registry/backup/backup.js'
import { ADMIN_PERMISSIONS, ensureAdmin } from '../../src/registry/first-admin.js'
import { checkAfter, checkIn, checkText, NO_ENTRIES } from '../../src/registry/lmdb/lmdb-check.js'
import { openLmdbStore } from '../../src/registry/lmdb/lmdb-store.js'
import { createRegistry } from '../../src/registry/registry.js'
import { createStore } from '../../src/registry/store/backend.js'
import type { Store } from '../../src/registry/store/store.js'
import { createMemoryBackend } from '../support/memory-backend.js'
import { createTestHasher } from './node-bench.js'
import { openStore, temporaryDirectory } from './temporary.js'

const PAGE = 4096
const HASH = '$2b$04$'.padEnd(60, 'x')
const IS_LEAF = 0x02

/** A registry with some hundred users in many pages, closed. */
async function made(): Promise<{ directory: string; file: string }> {
  const directory = join(temporaryDirectory(), 'meta')
  const store = await openStore(directory)
  const registry = createRegistry(store)
  await registry.createUser('admin', HASH, ADMIN_PERMISSIONS)
  await store.change((draft) => {
    for (let i = 0; i < 300; i++) draft.put(['user', `user${i}`], { hash: HASH, permissions: [], created: 3 })
  })
  await store.close()
  return { directory, file: join(directory, 'data.mdb') }
}

async function refusal(directory: string): Promise<string> {
  const opened = await openLmdbStore(directory).catch((error: Error) => error)
  if (opened instanceof Error) return opened.message
  await opened.close()
  throw new Error('it was opened')
}

/** Pages that hold users, of whichever transaction. */
function leafPages(content: Buffer): number[] {
  const pages = Array.from({ length: content.length / PAGE }, (_, i) => i).slice(2)
  return pages.filter((i) => {
    const page = content.subarray(i * PAGE, (i + 1) * PAGE)
    return (page.readUInt16LE(18) & IS_LEAF) !== 0 && page.includes('user\0user')
  })
}

describe('D1: damage in the data file is found when it is opened', () => {
  test.each<[string, (content: Buffer, leaves: number[]) => void]>([
    ['two pages exchanged', (content, [a = 0, b = 0]) => {
      const first = Buffer.from(content.subarray(a * PAGE, (a + 1) * PAGE))
      content.copyWithin(a * PAGE, b * PAGE, (b + 1) * PAGE)
      first.copy(content, b * PAGE)
    }],
    ['a page that is another once more', (content, [a = 0, b = 0]) => content.copyWithin(a * PAGE, b * PAGE, (b + 1) * PAGE)],
    ['a page of zeros',                  (content, [a = 0]) => content.fill(0, a * PAGE, (a + 1) * PAGE)],
    ['one letter of a hash',             (content) => content.write('y', content.lastIndexOf('xxxx'))],
    ['all pages but the first two',      (content) => content.fill(0, 2 * PAGE)],
  ])('%s', async (_says, damage) => {
    const { directory, file } = await made()
    const content = readFileSync(file)
    const leaves = leafPages(content)
    expect(leaves.length).toBeGreaterThan(5)
    damage(content, leaves)
    writeFileSync(file, content)
    expect(await refusal(directory)).toBe(`${file} is damaged: restore it from a backup, or move it away to start with an empty registry`)
    expect(readFileSync(file).equals(content)).toBe(true)
  })

  test('an entry that another program removed', async () => {
    const { directory, file } = await made()
    const root = open({ path: directory, noSubdir: false, maxDbs: 2, overlappingSync: false })
    await root.openDB({ name: 'entries', keyEncoding: 'binary', encoding: 'binary' }).remove(Buffer.from('user\0user7'))
    await root.close()
    expect(await refusal(directory)).toMatch(`${file} is damaged: `)
  })

  test('but not by who is told that it has been looked for', async () => {
    const { directory } = await made()
    const root = open({ path: directory, noSubdir: false, maxDbs: 2, overlappingSync: false })
    await root.openDB({ name: 'entries', keyEncoding: 'binary', encoding: 'binary' }).remove(Buffer.from('user\0user7'))
    await root.close()
    await openStore(directory, { isChecked: true })
  })

  test('what is whole is opened while others write to it', async () => {
    const { directory } = await made()
    const store = await openStore(directory)
    let isOver = false
    const writing = (async () => {
      for (let i = 0; !isOver; i++) await store.change((draft) => draft.put(['user', `user${i % 300}`], { hash: `${i}`, permissions: [], created: 3 }))
    })()
    try {
      for (let i = 0; i < 3; i++) await (await openLmdbStore(directory)).close()
    } finally {
      isOver = true
      await writing
    }
  })

  test('what is whole is opened, after every kind of change', async () => {
    const { directory, file } = await made()
    for (const change of [
      (store: Store) => store.change((draft) => draft.remove(['user', 'user7'])),
      (store: Store) => store.change((draft) => draft.put(['user', 'user8'], { hash: 'other', permissions: [], created: 3 })),
      (store: Store) => store.change((draft) => draft.removeAll(['user'])),
      async (store: Store) => store.replace(await store.read(({ index }) => index), (async function* () { yield [{ key: ['a'], value: 1 }, { key: ['b'], value: 2 }] })()),
      (store: Store) => store.change((draft) => draft.remove(['nobody'])),
    ]) {
      const store = await openStore(directory, { logLength: 2 })
      await change(store)
      await store.close()
    }
    copyFileSync(file, `${file}.copy`)
    await openStore(directory)
  })
})

describe('D1: a first administrator only in a new registry', () => {
  const hasher = createTestHasher()
  const options = { username: 'admin', password: 'pa5sw0Rd', cost: 4 as never, wait: async () => {} }
  const LOST = /^the registry has no users, but it is not new \(state \d+\), so no administrator is made: restore a backup/

  test('not where users have gone', async () => {
    const registry = createRegistry(createStore(createMemoryBackend({ index: 515, entries: new Map() }, 100), 1_000))
    await expect(ensureAdmin(registry, hasher, options)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', message: expect.stringMatching(LOST) })
    expect(await registry.getUser('admin')).toBeUndefined()
  })

  test('not where all users were deleted', async () => {
    const registry = createRegistry(await openStore())
    await registry.createUser('ann', HASH)
    await registry.deleteUser('ann')
    await expect(ensureAdmin(registry, hasher, options)).rejects.toThrow(LOST)
  })

  test('but after one that could not be announced, or whose node was killed', async () => {
    const registry = createRegistry(await openStore())
    await expect(ensureAdmin(registry, hasher, { ...options, announce: async () => { throw new Error('nobody reads') } })).rejects.toThrow('nobody reads')
    expect(await registry.claimFirstUser('killed')).toBe('killed')
    expect(await ensureAdmin(registry, hasher, options)).toMatchObject({ created: true })
  })
})

test('D1: a registry whose role has a member who is not a user is not backed up', async () => {
  const store = await openStore()
  const registry = createRegistry(store)
  await registry.createUser('ann', HASH)
  await registry.createRole('ops')
  await registry.addRoleUsers('ops', ['ann'])
  await store.change((draft) => draft.remove(['user', 'ann']))
  let written = ''
  await expect(backUp(registry, async (piece) => { written += piece })).rejects.toThrow('the registry is damaged: role "ops" has the member "ann", who is not a user')
  expect(written).toBe('')
})

describe('the check', () => {
  const key = Buffer.from('k')
  const [a, b] = [Buffer.from('a'), Buffer.from('b')]

  test('does not depend on the order, and nothing is left of what has gone', () => {
    const put = (check = NO_ENTRIES, name: string) => checkAfter(check, Buffer.from(name), undefined, a)
    expect(put(put(NO_ENTRIES, 'x'), 'y')).toEqual(put(put(NO_ENTRIES, 'y'), 'x'))
    expect(checkAfter(checkAfter(checkAfter(NO_ENTRIES, key, undefined, a), key, a, b), key, b, undefined)).toEqual(NO_ENTRIES)
  })

  test.each([
    [checkText(NO_ENTRIES).toString(),  NO_ENTRIES],
    ['515 00000000000000ff',            { count: 515, sum: 255n }],
    ['515 ff',                          undefined],
    ['515',                             undefined],
    ['-1 00000000000000ff',             undefined],
    ['',                                undefined],
    [undefined,                         undefined],
  ])('%j is read as %o', (text, expected) => {
    expect(checkIn(text)).toEqual(expected)
  })
})
