import { LRUCache } from 'lru-cache'
import { afterEach, expect, test, vi } from 'vitest'
import { createHeaderMemory } from '../../src/authn/header-memory.js'

const ANN = 'Basic YW5uOnJpZ2h0'
const verified = (name: string) => ({ name, digest: 'd'.repeat(32) })

afterEach(() => {
  vi.restoreAllMocks()
})

test.each([
  // says                     header
  ['another header',          'Basic YW5uOndyb25n'],
  ['another spelling',        'basic YW5uOnJpZ2h0'],
  ['more of it',              `${ANN}=`],
  ['a space after it',        `${ANN} `],
  ['less of it',              ANN.slice(0, -1)],
  ['nothing',                 ''],
])('%s is not known', (_says, header) => {
  const memory = createHeaderMemory(10)
  memory.set(ANN, verified('ann'))
  expect(memory.get(header)).toBeUndefined()
  expect(memory.get(ANN)).toMatchObject({ name: 'ann' })
})

test('only so many are known; the least recently used goes first', () => {
  const memory = createHeaderMemory(2)
  memory.set('a', verified('a'))
  memory.set('b', verified('b'))
  memory.get('a')
  memory.set('c', verified('c'))
  expect(['a', 'b', 'c'].filter((header) => memory.get(header))).toEqual(['a', 'c'])
})

test('neither header nor password is kept', () => {
  const set = vi.spyOn(LRUCache.prototype, 'set')
  createHeaderMemory(2).set(ANN, verified('ann'))
  expect(set).toHaveBeenCalledOnce()
  const [key, value] = set.mock.calls[0] ?? []
  expect(key).toHaveLength(32)
  expect(JSON.stringify([key, value])).not.toMatch(/Basic|YW5u|right/)
})
