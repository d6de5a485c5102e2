import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createGate } from '../../src/serve/readiness.js'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

test('it tries until it succeeds, and stays open', async () => {
  let attempts = 0
  const gate = createGate(async () => {
    if (++attempts < 4) throw new Error('meta node unavailable', { cause: new Error('ECONNREFUSED') })
  })
  await vi.advanceTimersByTimeAsync(0)
  expect([gate.open, gate.reason]).toEqual([false, 'meta node unavailable: ECONNREFUSED'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect([gate.open, gate.reason, attempts]).toEqual([true, undefined, 4])
})

test('it waits longer and longer, but never long', async () => {
  const times: number[] = []
  createGate(async () => {
    times.push(Date.now())
    throw new Error('down')
  })
  await vi.advanceTimersByTimeAsync(60_000)
  const pauses = times.slice(1).map((time, i) => time - (times[i] as number))
  expect(pauses.slice(0, 3)).toEqual([100, 200, 400])
  expect(Math.max(...pauses)).toBe(5_000)
})

test('closed, it tries no more', async () => {
  let attempts = 0
  const gate = createGate(async () => {
    attempts++
    throw new Error('down')
  })
  await vi.advanceTimersByTimeAsync(0)
  gate.close()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(attempts).toBe(1)
})
