import { expect, test } from 'vitest'
import { keptTime } from './kept-time.js'

/** What a busy machine does: nothing at all for a while. */
function standStill(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; ) { /* wait */ }
}

test('a failure counts at once when the machine was on time', async () => {
  const limits: number[] = []
  await expect(keptTime(10_000, async (limit) => {
    limits.push(limit)
    throw new Error('too slow')
  })).rejects.toThrow('too slow')
  expect(limits).toEqual([10_000])
})

test('when it was not, the attempt is repeated with twice the limit', async () => {
  const limits: number[] = []
  await keptTime(20, async (limit) => {
    limits.push(limit)
    if (limits.length === 3) return
    standStill(limit)
    throw new Error('too slow')
  })
  expect(limits).toEqual([20, 40, 80])
})

test('but not without end', async () => {
  let attempts = 0
  await expect(keptTime(12_000, async () => {
    attempts++
    standStill(6_000 / 100)
    throw new Error('too slow')
  })).rejects.toThrow('too slow')
  expect(attempts).toBe(1)
})

test('a success is not repeated, however late it comes', async () => {
  let attempts = 0
  await keptTime(10, async () => {
    attempts++
    standStill(20)
  })
  expect(attempts).toBe(1)
})
