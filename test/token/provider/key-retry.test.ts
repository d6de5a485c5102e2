import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FetchFailure } from '../../../src/token/provider/key-set/fetch-failure.js'
import { createKeySet } from '../../../src/token/provider/key-set/key-set.js'

const KEY = { kid: 'k', identity: 'k', tenant: undefined, forAlgorithm: () => Promise.reject(new Error('not needed')) }

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** A key set whose provider is away for the first `failures` fetches, and the seconds at which it was asked. */
function keySetOf(failures: number) {
  const asked: number[] = []
  const keySet = createKeySet({
    issuers: [],
    refreshInterval: 600_000,
    keepKeys: 86_400_000,
    clock: Date.now,
    now: Date.now,
    log: () => {},
    count: () => {},
    async load() {
      asked.push(Math.round((Date.now() - start) / 1000))
      if (asked.length <= failures) throw new FetchFailure('unreachable', 'away')
      return { keys: [KEY], skipped: [], issuers: [] }
    },
  })
  const start = Date.now()
  keySet.refresh()
  return { keySet, asked }
}

test('a provider that is away at the start is asked again by itself, with pauses that grow, until there are keys', async () => {
  const { keySet, asked } = keySetOf(3)
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(asked).toEqual([0, 10, 30, 70])
  expect(keySet.keys()).toHaveLength(1)
  expect(keySet.lastError()).toBeUndefined()
})

test('and not any more once it is closed', async () => {
  const { keySet, asked } = keySetOf(100)
  await vi.advanceTimersByTimeAsync(15_000)
  keySet.close()
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(asked).toEqual([0, 10])
})
