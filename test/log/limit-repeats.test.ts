import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { limitRepeats } from '../../src/log/limit-repeats.js'
import type { Logger } from '../../src/log/logger.js'

let lines: unknown[] = []
const say = (level: string) => (fields: object, message: string) => void lines.push([level, message, fields])
const logger: Logger = { info: say('info'), warn: say('warn'), error: say('error') }

beforeEach(() => {
  lines = []
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('B4: an outage does not fill the log', () => {
  test('the first line at once, the others once for each interval, with how many they were', () => {
    const limited = limitRepeats(logger, { interval: 1_000 })
    for (let i = 0; i < 86; i++) limited.warn({ try: i }, 'meta node unavailable')
    expect(lines).toEqual([['warn', 'meta node unavailable', { try: 0 }]])
    vi.advanceTimersByTime(999)
    expect(lines).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(lines.slice(1)).toEqual([['warn', 'meta node unavailable', { try: 85, repeated: 85 }]])
  })

  test('while it goes on there is one line for each interval', () => {
    const limited = limitRepeats(logger, { interval: 1_000 })
    for (let i = 0; i < 100; i++) {
      limited.warn({}, 'away')
      vi.advanceTimersByTime(100)
    }
    expect(lines.length).toBeGreaterThan(9)
    expect(lines.length).toBeLessThan(12)
    const told = lines.map((line) => ((line as [string, string, { repeated?: number }])[2].repeated ?? 1))
    expect(told.reduce((sum, count) => sum + count)).toBe(100)
  })

  test('after an interval without any, the next is logged at once', () => {
    const limited = limitRepeats(logger, { interval: 1_000 })
    limited.error({ a: 1 }, 'away')
    vi.advanceTimersByTime(1_000)
    limited.error({ a: 2 }, 'away')
    expect(lines).toEqual([['error', 'away', { a: 1 }], ['error', 'away', { a: 2 }]])
  })
})

describe('what is not the same is not held back', () => {
  test.each<[string, (limited: Logger) => void, number]>([
    // says                         lines                                                                       logged
    ['the same twice',              (l) => { l.warn({}, 'a'); l.warn({}, 'a') },                                1],
    ['the same with other fields',  (l) => { l.warn({ x: 1 }, 'a'); l.warn({ x: 2 }, 'a') },                    1],
    ['another message',             (l) => { l.warn({}, 'a'); l.warn({}, 'b') },                                2],
    ['another level',               (l) => { l.warn({}, 'a'); l.error({}, 'a'); l.info({}, 'a') },              3],
  ])('%s', (_says, log, expected) => {
    log(limitRepeats(logger))
    expect(lines).toHaveLength(expected)
  })

  test('by a key of the caller', () => {
    const limited = limitRepeats(logger, { keyOf: (_level, fields) => (fields as { node: string }).node })
    for (const node of ['a', 'b', 'a', 'b']) limited.warn({ node }, 'away')
    expect(lines).toEqual([['warn', 'away', { node: 'a' }], ['warn', 'away', { node: 'b' }]])
  })
})

test('messages without end share what there is room for', () => {
  const limited = limitRepeats(logger)
  for (let i = 0; i < 1_000; i++) limited.warn({}, `message ${i}`)
  expect(lines).toHaveLength(101)
})
