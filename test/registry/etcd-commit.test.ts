import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createEtcdKeys } from '../../src/registry/etcd/etcd-keys.js'
import type { Operation } from '../../src/registry/etcd/etcd-messages.js'
import { nested, operationsOf } from '../../src/registry/etcd/etcd-operations.js'
import { createDraft } from '../../src/registry/store/draft.js'
import type { Draft, Store } from '../../src/registry/store/store.js'
import type { Key } from '../../src/registry/store/store-key.js'
import { entriesOf } from '../contract/store-contract.js'
import { has } from '../support/daemons.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { type FallibleProxy, startFallibleProxy } from '../support/fallible-proxy.js'
import { openEtcd } from './etcd-bench.js'

const keys = createEtcdKeys('/p/')

/** The operations of what `work` does to a state with these keys, as text. */
async function operations(kept: readonly Key[], work: (draft: Draft) => Promise<void>): Promise<string[]> {
  const snapshot = {
    index: 1,
    get: async () => undefined,
    async *range() { for (const key of kept) yield { key, value: 1 } },
  }
  const { draft, writes } = createDraft(snapshot)
  await work(draft)
  const shown = (bytes: Buffer) => JSON.stringify(keys.key(bytes).toString()).slice(1, -1)
  return operationsOf(writes(), keys).map((operation) => {
    if ('put' in operation) return `put ${shown(operation.put.key)}`
    if (!('delete' in operation)) throw new Error('unknown')
    const { key, rangeEnd } = operation.delete
    return rangeEnd ? `delete ${shown(key)} to ${shown(rangeEnd)}` : `delete ${shown(key)}`
  })
}

test.each<[string, (draft: Draft) => Promise<void>, string[]]>([
  ['what is put and removed, one by one',     async (d) => { d.put(['b'], 1); d.remove(['a']) },                                   ['delete a', 'put b']],
  ['what goes together, at once',             async (d) => { await d.removeAll(['k']) },                                           ['delete k\\u0000 to k\\u0001']],
  ['but not what is put there again',         async (d) => { await d.removeAll(['k']); d.put(['k', 'b'], 2) },                     ['put k\\u0000b', 'delete k\\u0000 to k\\u0000b', 'delete k\\u0000b\\u0000 to k\\u0001']],
  ['nor what is put next to it',              async (d) => { await d.removeAll(['k']); d.put(['k', 'b'], 2); d.put(['k', 'b', ''], 2) }, ['put k\\u0000b', 'put k\\u0000b\\u0000', 'delete k\\u0000 to k\\u0000b', 'delete k\\u0000b\\u0000\\u0000 to k\\u0001']],
  ['what was put before it went, with it',    async (d) => { d.put(['k', 'b'], 2); await d.removeAll(['k']) },                     ['delete k\\u0000 to k\\u0001']],
])('a transaction holds %s', async (_says, work, expected) => {
  expect(await operations([['k', 'a'], ['k', 'b']], work)).toEqual(expected)
})

/** The most that any level holds, and how deep they are. */
function measure(level: readonly Operation[], depth = 1): { most: number; leaves: number; depth: number } {
  const inner = level.flatMap((operation) => ('txn' in operation ? [measure(operation.txn.success ?? [], depth + 1)] : []))
  return {
    most: Math.max(level.length, ...inner.map(({ most }) => most)),
    leaves: level.length - inner.length + inner.reduce((sum, { leaves }) => sum + leaves, 0),
    depth: Math.max(depth, ...inner.map((one) => one.depth)),
  }
}

test.each([0, 1, 126, 127, 3_968, 3_969, 70_000])('%i operations fit into transactions, each within what etcd allows', (count) => {
  const all = Array.from({ length: count }, (): Operation => ({ delete: { key: Buffer.of(1) } }))
  const { most, leaves, depth } = measure(nested(all, 2))
  expect(leaves).toBe(count)
  expect((most + (depth > 1 ? 0 : 2)) * depth).toBeLessThanOrEqual(128)
})

describe.skipIf(!has('etcd', 'etcdctl'))('with a real etcd,', () => {
  let cluster: EtcdCluster
  let proxy: FallibleProxy
  beforeAll(async () => {
    cluster = await startEtcd()
    proxy = await startFallibleProxy(cluster.endpoints[0] as string)
  })
  afterAll(async () => {
    await proxy.close()
    await cluster.close()
  })
  afterEach(() => proxy.cut())

  const add = (store: Store) => store.change(async (d) => d.put(['n'], ((await d.get(['n'])) as number ?? 0) + 1))
  const n = (store: Store) => store.read((s) => s.get(['n']))

  /** A node behind the proxy, and one that is not. */
  async function pair(timeout: number) {
    const prefix = `/${randomUUID()}/`
    const direct = await openEtcd(cluster, { prefix })
    await add(direct)
    return { direct, store: await openEtcd({ endpoints: [proxy.address] }, { prefix, timeout }) }
  }

  /** Starts a change by `store` and keeps etcd's answer to it back; resolves when it is written. */
  async function unanswered(store: Store, direct: Store): Promise<{ change: Promise<void> }> {
    const change = store.change(async (d) => {
      d.put(['n'], ((await d.get(['n'])) as number) + 1)
      proxy.mute()
    })
    change.catch(() => {})
    await expect.poll(() => n(direct), { interval: 5 }).toBe(2)
    return { change }
  }

  test('a change whose answer is lost is found to have been made, and is made once', async () => {
    const { store, direct } = await pair(5_000)
    const { change } = await unanswered(store, direct)
    proxy.cut()
    await change
    expect(await n(store)).toBe(2)
    expect(await store.read((s) => s.index)).toBe(3)
  })

  test('also when others have made changes meanwhile', async () => {
    const { store, direct } = await pair(5_000)
    const { change } = await unanswered(store, direct)
    for (let i = 0; i < 10; i++) await add(direct)
    proxy.cut()
    await change
    expect(await n(store)).toBe(12)
  })

  test('is not said to have been made when nobody knows any more', async () => {
    const { store, direct } = await pair(30_000)
    const { change } = await unanswered(store, direct)
    for (let i = 0; i < 1_024; i++) await direct.change((d) => d.put(['m'], i))
    proxy.cut()
    await expect(change).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', message: 'the registry does not answer: whether the change was made is not known' })
  })

  test('nor when the answer never comes', async () => {
    const { store, direct } = await pair(500)
    const { change } = await unanswered(store, direct)
    await expect(change).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', message: 'the registry does not answer: whether the change was made is not known' })
    proxy.cut()
    await expect.poll(() => n(store).catch(() => undefined)).toBe(2)
  })

  test('thousands of keys are one change, and go as one', async () => {
    const store = await openEtcd(cluster, { prefix: `/${randomUUID()}/` })
    await store.change((d) => { for (let i = 0; i < 10_000; i++) d.put(['k', String(i)], i) })
    await store.change(async (d) => { await d.removeAll(['k']); d.put(['k', '5'], 'again') })
    expect(await store.read((s) => entriesOf(s))).toEqual([{ key: ['k', '5'], value: 'again' }])
    expect(await store.read((s) => s.index)).toBe(3)
  })

  test.each<[string, (d: Draft) => void]>([
    ['in bytes',        (d) => d.put(['a'], 'x'.repeat(2_000_000))],
    ['in bytes (gRPC)', (d) => d.put(['a'], 'x'.repeat(20_000_000))],
    ['in keys',         (d) => { for (let i = 0; i < 50_000; i++) d.put(['k', String(i)], 'x'.repeat(20)) }],
  ])('a change that is too large %s is refused with what to do, and changes nothing', async (_says, work) => {
    const store = await openEtcd(cluster, { prefix: `/${randomUUID()}/` })
    await expect(store.change(work)).rejects.toMatchObject({ code: 'ERR_REQUEST_INVALID', message: expect.stringMatching(/--max-request-bytes.*make it in several parts/) })
    expect(await store.read((s) => s.index)).toBe(1)
    await add(store)
  })

  const compact = async () => {
    const { header } = JSON.parse(await cluster.ctl('get', 'x', '-w', 'json')) as { header: { revision: number } }
    await cluster.ctl('compact', `${header.revision}`)
  }

  test('a state is read to its end although etcd forgets it, while nothing of it has changed', async () => {
    const prefix = `/${randomUUID()}/`
    const store = await openEtcd(cluster, { prefix })
    await store.change((d) => { for (let i = 0; i < 500; i++) d.put(['k', String(i)], i) })
    const seen = await store.read(async (s) => {
      let seen = 0
      for await (const _ of s.range(['k'])) {
        if (seen++ > 0) continue
        await cluster.ctl('put', `${prefix}not-ours`, 'x')
        await compact()
      }
      return seen
    })
    expect(seen).toBe(500)
  })

  test('a state that etcd forgets after a change is not mixed with the new one', async () => {
    const store = await openEtcd(cluster, { prefix: `/${randomUUID()}/` })
    await store.change((d) => { for (let i = 0; i < 500; i++) d.put(['k', String(i)], i) })
    const reading = store.read(async (s) => {
      let seen = 0
      for await (const { value } of s.range(['k'])) {
        expect(value).not.toBe('new')
        if (seen++ > 0) continue
        await store.change((d) => { for (let i = 0; i < 500; i++) d.put(['k', String(i)], 'new') })
        await compact()
      }
    })
    await expect(reading).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', message: /has changed meanwhile/ })
  })
})
