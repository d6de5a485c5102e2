import { describe, expect, test } from 'vitest'
import { createLineQueue } from '../../src/log/line-queue.js'

const queue = (maxPending = 1_000, maxBatch = Infinity) => createLineQueue({ maxPending, maxBatch })

test('what was added is taken, in order, at once', () => {
  const lines = queue()
  for (const line of ['one\n', 'zwölf\n', 'three\n']) lines.add(line)
  expect(lines.hasMore).toBe(true)
  expect(lines.take().toString()).toBe('one\nzwölf\nthree\n')
  expect(lines.hasMore).toBe(false)
})

test('at most so much is taken at once, in whole lines', () => {
  const lines = queue(1_000, 10)
  for (const line of ['1234\n', '1234\n', '1\n', '12345678901234\n', '1\n']) lines.add(line)
  const batches = []
  while (lines.hasMore) batches.push(lines.take().toString())
  expect(batches).toEqual(['1234\n1234\n', '1\n', '12345678901234\n', '1\n'])
})

test('beyond the limit lines are dropped, the newest first, and counted', () => {
  const lines = queue(10)
  for (const line of ['1234\n', '123\n', 'long\n', '\n', 'x\n']) lines.add(line)
  expect(lines.lost).toBe(5)
  expect(lines.take().toString()).toBe('1234\n123\n\n')
  expect(lines.lost).toBe(2)
  lines.reportDropped()
  lines.reportDropped()
  expect(JSON.parse(lines.take().toString())).toEqual({ level: 40, time: expect.stringMatching(/^\d{4}-.*Z$/), dropped: 2, msg: 'log lines were lost' })
  expect(lines.hasMore).toBe(false)
})

test('there is room again for as much as was taken', () => {
  const lines = queue(5)
  for (let i = 0; i < 100; i++) {
    lines.add('1234\n')
    expect(lines.take().toString()).toBe('1234\n')
  }
  expect(lines.lost).toBe(0)
})

describe('what could not be written is taken again, on lines of its own', () => {
  test.each([
    // says                        done  again
    ['nothing was',                0,    '\none\ntwo\n'],
    ['a line was',                 4,    '\ntwo\n'],
    ['half a line was',            1,    '\none\ntwo\n'],
    ['all but its end was',        3,    '\none\ntwo\n'],
    ['a line and a half was',      6,    '\ntwo\n'],
  ])('%s', (_says, done, again) => {
    const lines = queue()
    lines.add('one\n')
    lines.add('two\n')
    const batch = lines.take()
    lines.add('three\n')
    lines.putBack(batch, done)
    expect(lines.hasMore).toBe(true)
    const rest = lines.take()
    expect(rest.toString()).toBe(again)
    lines.putBack(rest, 0)
    expect(lines.take().toString()).toBe(again)
    expect(lines.take().toString()).toBe('three\n')
    expect(lines.hasMore).toBe(false)
  })

  test('it counts for the limit, and as lost', () => {
    const lines = queue(10)
    lines.add('one\n')
    lines.add('two\n')
    lines.putBack(lines.take(), 2)
    expect(lines.lost).toBe(2)
    lines.add('12\n')
    expect(lines.lost).toBe(3)
    expect(lines.take().toString()).toBe('\none\ntwo\n')
    expect(lines.hasMore).toBe(false)
  })
})
