import fc from 'fast-check'
import { LRUCache } from 'lru-cache'
import { afterEach, expect, test, vi } from 'vitest'
import { createSecretMemory } from '../../src/authn/cache/secret-memory.js'

const ANN = 'Basic YW5uOnJpZ2h0'

afterEach(() => {
  vi.restoreAllMocks()
})

test.each([
  // says                     header
  ['another header',          'Basic YW5uOndyb25n'],
  ['another spelling',        'basic YW5uOnJpZ2h0'],
  ['more of it',              `${ANN}=`],
  ['a space after it',        `${ANN} `],
  ['NUL after it',            `${ANN}\0`],
  ['less of it',              ANN.slice(0, -1)],
  ['256 characters more',     ANN + 'x'.repeat(256)],
  ['its like beyond U+00FF',  ANN.replace('B', '\u0142')],
  ['nothing',                 ''],
])('%s is not known', (_says, header) => {
  const memory = createSecretMemory(10)
  memory.set(ANN, { name: 'ann' })
  expect(memory.get(header)).toBeUndefined()
  expect(memory.get(ANN)).toEqual({ name: 'ann' })
})

test('no two secrets share a meaning', () => {
  const secret = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(secret, secret, (a, b) => {
      const memory = createSecretMemory(10)
      memory.set(a, {})
      return (memory.get(b) !== undefined) === (a === b)
    }),
  )
})

test('a long secret is remembered, but none beyond 1 MB', () => {
  const memory = createSecretMemory(10)
  for (const length of [140_000, 1_100_000]) memory.set('x'.repeat(length), { name: 'ann' })
  const asked = [140_000, 139_999, 140_001, 1_100_000, 0].map((length) => 'x'.repeat(length))
  expect(asked.map((secret) => memory.get(secret) !== undefined)).toEqual([true, false, false, false, false])
})

test('only so many are known; the least recently used goes first', () => {
  const memory = createSecretMemory(2)
  memory.set('a', {})
  memory.set('b', {})
  memory.get('a')
  memory.set('c', {})
  expect(['a', 'b', 'c'].filter((secret) => memory.get(secret))).toEqual(['a', 'c'])
})

test('the secret is not kept, and its name is another one in each memory', () => {
  const set = vi.spyOn(LRUCache.prototype, 'set')
  createSecretMemory(2).set(ANN, { name: 'ann' })
  createSecretMemory(2).set(ANN, { name: 'ann' })
  const [[key, value] = [], [other] = []] = set.mock.calls
  expect(key).toBeTypeOf('number')
  expect(other).not.toBe(key)
  expect(JSON.stringify([key, value])).not.toMatch(/Basic|YW5u|right/)
})
