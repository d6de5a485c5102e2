import { expect, test } from 'vitest'
import { storeContract } from '../contract/store-contract.js'
import { openBench } from './temporary.js'

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
