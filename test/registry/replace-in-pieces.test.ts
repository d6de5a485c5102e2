import { expect, test } from 'vitest'
import { createStore } from '../../src/registry/store/backend.js'
import type { Entry } from '../../src/registry/store/store.js'
import { entriesOf, storeContract } from '../contract/store-contract.js'
import { createMemoryBackend, type MemoryState } from '../support/memory-backend.js'

const newState = (): MemoryState => ({ index: 1, entries: new Map() })

storeContract('a store whose changes hold 6,000 keys', async () => {
  const state = newState()
  const open = () => createStore(createMemoryBackend(state, 6_000), 1_000)
  return { store: open(), reopen: async () => open(), another: async () => open() }
})

async function* batches(...keys: string[][]): AsyncGenerator<Entry[]> {
  for (const batch of keys) yield batch.map((key) => ({ key: [key], value: 'new' }))
}

test('no piece is larger than allowed, what is new comes first, and only what is left over goes', async () => {
  const state = newState()
  const backend = createMemoryBackend(state, 4)
  const store = createStore(backend, 1_000)
  await store.change((d) => { for (const key of ['a', 'b', 'x']) d.put([key], 'old') })
  await store.change((d) => { for (const key of ['y', 'z']) d.put([key], 'old') })
  backend.commits.length = 0
  expect(await store.replace(3, batches(['a', 'b', 'c', 'd'], ['e']))).toBe(true)
  expect(backend.commits.map((writes) => writes.map(({ key, text }) => (text ? '+' : '-') + key))).toEqual([['+a', '+b', '+c', '+d'], ['+e'], ['-x', '-y', '-z']])
})

test('a change by another in the middle stays, unless it is in the way', async () => {
  const state = newState()
  const store = createStore(createMemoryBackend(state, 3), 1_000)
  const other = createStore(createMemoryBackend(state, 3), 1_000)
  async function* entries(): AsyncGenerator<Entry[]> {
    yield* batches(['a', 'b', 'c'])
    await other.change((d) => d.put(['a'], 'theirs'))
    yield* batches(['d', 'e'])
  }
  expect(await store.replace(1, entries())).toBe(true)
  const kept = await store.read((s) => entriesOf(s))
  expect(kept.map(({ key, value }) => `${key} ${value}`)).toEqual(['a theirs', 'b new', 'c new', 'd new', 'e new'])
})

test('nothing is done if somebody was faster than the first piece', async () => {
  const state = newState()
  const store = createStore(createMemoryBackend(state, 3), 1_000)
  const other = createStore(createMemoryBackend(state, 3), 1_000)
  async function* entries(): AsyncGenerator<Entry[]> {
    await other.change((d) => d.put(['z'], 'theirs'))
    yield* batches(['a', 'b', 'c', 'd'])
  }
  expect(await store.replace(1, entries())).toBe(false)
  expect((await store.read((s) => entriesOf(s))).map(({ key, value }) => `${key} ${value}`)).toEqual(['z theirs'])
})

test('no piece is larger than a request may be', async () => {
  const backend = createMemoryBackend(newState(), 1_000)
  const store = createStore(backend, 1_000)
  async function* entries(): AsyncGenerator<Entry[]> {
    yield Array.from({ length: 500 }, (_, i) => ({ key: ['k', String(i)], value: 'é'.repeat(3_000) }))
  }
  expect(await store.replace(1, entries())).toBe(true)
  for (const writes of backend.commits) {
    expect(writes.reduce((sum, { text = '' }) => sum + Buffer.byteLength(text), 0)).toBeLessThan(1_048_576)
  }
  expect(backend.commits.length).toBeGreaterThan(1)
})
