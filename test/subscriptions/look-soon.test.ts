import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSubscriptionKeeper } from '../../src/subscriptions/subscription-keeper.js'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

const none = async () => { throw new Error('not expected') }

/** A keeper that has looked once, at an InfluxDB without databases. */
async function start() {
  let looks = 0
  let answer = Promise.resolve()
  const keeper = createSubscriptionKeeper({
    influxdb: { databases: async () => { looks++; await answer; return [] }, runAll: async () => [{ series: [] }] },
    tokens: { list: async () => [], find: async () => undefined, create: none, revoke: none },
    address: 'http://gateway:9092', isWanted: () => true, interval: 3_600_000,
    logger: { info: () => {}, warn: () => {}, error: () => {} }, now: () => performance.now(),
  })
  await vi.advanceTimersByTimeAsync(0)
  return { keeper, looks: () => looks, hold: (promise: Promise<void>) => { answer = promise } }
}

test('many changes are one look, a moment after the first', async () => {
  const { keeper, looks } = await start()
  for (let i = 0; i < 5; i++) {
    keeper.lookSoon()
    await vi.advanceTimersByTimeAsync(30)
  }
  expect(looks()).toBe(1)
  await vi.advanceTimersByTimeAsync(50)
  expect(looks()).toBe(2)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(looks()).toBe(2)
  keeper.lookSoon()
  await vi.advanceTimersByTimeAsync(200)
  expect(looks()).toBe(3)
})

test('a change during a look that takes long is looked at behind it', async () => {
  const { keeper, looks, hold } = await start()
  let release = () => {}
  hold(new Promise<void>((resolve) => { release = resolve }))
  void keeper.look()
  keeper.lookSoon()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(looks()).toBe(2)
  release()
  await vi.advanceTimersByTimeAsync(0)
  expect(looks()).toBe(3)
})

test('a keeper that is closed looks no more', async () => {
  const { keeper, looks } = await start()
  keeper.lookSoon()
  await keeper.close()
  keeper.lookSoon()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(looks()).toBe(1)
})
