import { join } from 'node:path'
import { open } from 'lmdb'
import { expect, test } from 'vitest'
import { storeContract } from '../contract/store-contract.js'
import { openBench, openStore, temporaryDirectory } from './temporary.js'

storeContract('lmdb', openBench)

test('a range that is left half read holds on to nothing, however often', async () => {
  const { store } = await openBench()
  await store.change((d) => { d.put(['k', 'a'], 1); d.put(['k', 'b'], 1) })
  for (let i = 0; i < 300; i++) { // more than there may be readers
    await store.read((s) => s.range(['k'])[Symbol.asyncIterator]().next())
    await store.change((d) => d.put(['n'], i))
  }
  expect(await store.read((s) => s.get(['n']))).toBe(299)
})

test('more readers at once than there is room for are refused, and then there is room again', async () => {
  const { store } = await openBench()
  let release = () => {}
  const released = new Promise<void>((resolve) => { release = resolve })
  const reads: Promise<unknown>[] = []
  for (let i = 0; i < 300; i++) {
    reads.push(store.read(() => released))
    await store.change((d) => d.put(['n'], i)).catch(() => {})
  }
  release()
  const refused = (await Promise.allSettled(reads)).filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  for (const read of refused) expect(read).toMatchObject({ reason: { code: 'ERR_STORE_UNAVAILABLE' } })
  await store.change((d) => d.put(['n'], 'last'))
  expect(await store.read((s) => s.get(['n']))).toBe('last')
})

test.each([
  // how long ago, told
  [3, 3],
  [4, undefined],
])('the log reaches as far back as it is long: %i changes', async (ago, told) => {
  const store = await openStore(undefined, { logLength: 3 })
  for (let i = 0; i < 200; i++) await store.change((d) => d.put(['n'], i))
  const { index } = await store.since(undefined)
  expect((await store.since(String(index - ago))).changes?.length).toBe(told)
})

test('a data directory from before there was a log: anything may have changed', async () => {
  const directory = join(temporaryDirectory(), 'meta')
  const store = await openStore(directory)
  for (let i = 0; i < 5; i++) await store.change((d) => d.put(['n'], i))
  const { index, mark } = await store.since(undefined)
  await store.close()
  const root = open({ path: directory, noSubdir: false, maxDbs: 2, overlappingSync: false })
  await root.openDB({ name: 'entries', keyEncoding: 'binary', encoding: 'binary' }).clearAsync()
  await root.openDB({ name: 'about', keyEncoding: 'binary', encoding: 'binary', useVersions: true }).put(Buffer.from('layout'), Buffer.from('kapacitor-auth 1'), 0)
  await root.close()
  const again = await openStore(directory)
  expect(await again.since(undefined)).toEqual({ index, mark: String(index), changes: [] })
  expect((await again.since(String(index - 1))).changes).toBeUndefined()
  expect((await again.since(mark)).changes).toBeUndefined()
  await again.change((d) => d.put(['n'], 1))
  expect((await again.since(String(index))).changes?.length).toBe(1)
})
