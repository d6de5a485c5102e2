import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createEtcdClient } from '../../src/registry/etcd/etcd-client.js'
import { createEtcdKeys } from '../../src/registry/etcd/etcd-keys.js'
import { createEtcdBackend } from '../../src/registry/etcd/etcd-store.js'
import type { Store } from '../../src/registry/store/store.js'
import { entriesOf } from '../contract/store-contract.js'
import { has } from '../support/daemons.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { openEtcd } from './etcd-bench.js'

const unavailable = { code: 'ERR_STORE_UNAVAILABLE', status: 503 }

/** One more operation: a count, and who made it so, which must always agree. */
async function count(store: Store, id: string): Promise<number> {
  return store.change(async (d) => {
    const n = (((await d.get(['n'])) as number | undefined) ?? 0) + 1
    d.put(['n'], n)
    d.put(['op', id], n)
    return n
  })
}

/** What was counted: fails if a change was half seen, lost in part, or made twice. */
async function counted(store: Store): Promise<Map<string, number>> {
  return store.read(async (s) => {
    const n = (await s.get(['n'])) ?? 0
    const ops = (await entriesOf(s, ['op'])).map(({ key, value }): [string, number] => [key[1] as string, value as number])
    expect(new Set(ops.map(([, value]) => value)).size).toBe(n)
    expect(ops.length).toBe(n)
    return new Map(ops)
  })
}

describe.skipIf(!has('etcd', 'etcdctl'))('a cluster of three', () => {
  let cluster: EtcdCluster
  beforeAll(async () => { cluster = await startEtcd({ members: 3 }) })
  afterAll(() => cluster.close())
  afterEach(async () => {
    for (const member of cluster.members) member.resume()
    await cluster.ready()
  })

  /** Two meta nodes that change and read all the time; each begins at another member. */
  async function underLoad(trouble: () => Promise<void>): Promise<{ acknowledged: number; refused: number; seen: number }> {
    let [refused, seen, over] = [0, 0, false]
    onTestFinished(() => { over = true }) // it may have timed out
    const prefix = `/${randomUUID()}/`
    const [a = '', b = '', c = ''] = cluster.endpoints
    const stores = [await openEtcd(cluster, { prefix }), await openEtcd({ endpoints: [b, c, a] }, { prefix })]
    const acknowledged = new Map<string, number>()
    const tolerate = (error: unknown) => { expect(error).toMatchObject(unavailable); refused++ }
    const writers = stores.map(async (store) => {
      while (!over) {
        const id = randomUUID()
        await count(store, id).then((n) => acknowledged.set(id, n), tolerate)
      }
    })
    const readers = stores.map(async (store) => {
      while (!over) {
        const before = [...acknowledged]
        await counted(store).then((ops) => {
          seen++
          for (const [id, n] of before) expect(ops.get(id)).toBe(n) // nothing acknowledged is missing
        }, tolerate)
        await setImmediate()
      }
    })
    const everybody = Promise.all([...writers, ...readers])
    await Promise.race([trouble(), everybody])
    const before = acknowledged.size
    while (!over && acknowledged.size < before + 10) await Promise.race([setImmediate(), everybody.then(() => {})])
    over = true
    await everybody
    const ops = await counted(stores[0] as Store)
    for (const [id, n] of acknowledged) expect(ops.get(id)).toBe(n)
    return { acknowledged: acknowledged.size, refused, seen }
  }

  test('loses nothing acknowledged, and shows nothing by halves, when its leader is killed', async () => {
    const { acknowledged, seen } = await underLoad(async () => {
      for (let i = 0; i < 2; i++) {
        const leader = await cluster.leader()
        await leader.kill()
        await cluster.ready()
        await leader.start()
      }
    })
    expect(Math.min(acknowledged, seen)).toBeGreaterThan(10)
  })

  test('nor when each member is killed in turn', async () => {
    const { acknowledged, seen } = await underLoad(async () => {
      for (const member of cluster.members) {
        await member.kill()
        await cluster.ready()
        await member.start()
      }
    })
    expect(Math.min(acknowledged, seen)).toBeGreaterThan(10)
  })

  test('nor when each of them hangs for a while', async () => {
    const { acknowledged, seen } = await underLoad(async () => {
      for (const member of cluster.members) {
        member.pause()
        await cluster.ready()
        const [other = ''] = cluster.endpoints.filter((address) => address !== member.address)
        const store = await openEtcd({ endpoints: [other, member.address] }, { prefix: `/${randomUUID()}/` })
        await count(store, 'still there')
        member.resume()
      }
    })
    expect(Math.min(acknowledged, seen)).toBeGreaterThan(10)
  })

  test('answers nothing without a majority, in bounded time, and goes on by itself', async () => {
    const prefix = `/${randomUUID()}/`
    const store = await openEtcd(cluster, { prefix, timeout: 1_000 })
    await count(store, 'before')
    for (const stop of ['kill', 'pause'] as const) {
      for (const member of cluster.members.slice(1)) await member[stop]()
      // What is under way between the members when they stop may still count
      await expect.poll(() => counted(store).then(() => 'answers', () => 'refuses')).toBe('refuses')
      const results = await Promise.allSettled([counted(store), count(store, `without, ${stop}`), store.read((s) => s.index)])
      for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: unavailable })
      for (const member of cluster.members.slice(1)) stop === 'kill' ? await member.start() : member.resume()
      await cluster.ready()
      await expect.poll(() => count(store, `after ${stop}`).then(() => true, () => false)).toBe(true)
      const ops = await counted(store)
      expect([...ops.keys()]).toEqual(expect.arrayContaining(['before', `after ${stop}`]))
    }
  })

  test('a member that was cut off does not answer with what it knew', async () => {
    const prefix = `/${randomUUID()}/`
    const store = await openEtcd(cluster, { prefix })
    for (let i = 0; i < 3; i++) {
      const leader = await cluster.leader()
      const others = cluster.endpoints.filter((address) => address !== leader.address)
      const far = await openEtcd({ endpoints: others }, { prefix })
      const near = await openEtcd({ endpoints: [leader.address] }, { prefix })
      await count(store, `before ${i}`)
      leader.pause()
      const late = near.read((s) => s.get(['n'])) // asked while it hangs
      await expect.poll(() => count(far, `meanwhile ${i}`).then(() => true, () => false)).toBe(true)
      const n = await far.read((s) => s.get(['n']))
      leader.resume()
      const answers = await Promise.allSettled([late, ...Array.from({ length: 20 }, () => near.read((s) => s.get(['n'])))])
      for (const answer of answers.slice(1)) {
        expect(answer).toMatchObject(answer.status === 'fulfilled' ? { value: n } : { reason: unavailable })
      }
      await cluster.ready()
    }
  })

  describe('when watched,', () => {
    /** A backend that listens, and another node's store over the same data. */
    async function watched() {
      const prefix = `/${randomUUID()}/`
      const store = await openEtcd(cluster, { prefix })
      const client = createEtcdClient({ endpoints: cluster.endpoints })
      const backend = createEtcdBackend(client, createEtcdKeys(prefix))
      let calls = 0
      const end = backend.watch(() => { calls++ })
      await expect.poll(() => calls).toBe(3) // once for each member
      return {
        store,
        /** Resolves when a change by the other node is heard. */
        async hears() {
          const before = calls
          await count(store, randomUUID())
          await expect.poll(() => calls, { interval: 5 }).toBeGreaterThan(before)
        },
        calls: () => calls,
        end,
        close: () => backend.close(),
      }
    }

    test('tells once of each change', async () => {
      const { store, calls, close } = await watched()
      const before = calls()
      for (let i = 0; i < 10; i++) await count(store, `${i}`)
      await expect.poll(calls).toBe(before + 10)
      await close()
    })

    test('tells of changes while a member hangs, and while one is gone', async () => {
      const { hears, close } = await watched()
      for (const member of cluster.members) {
        member.pause()
        await hears()
        member.resume()
        await hears()
        await member.kill()
        await hears()
        await member.start()
        await hears()
      }
      await close()
    })

    test('tells when it can hear again, after all members were gone', async () => {
      const { hears, calls, close } = await watched()
      await Promise.all(cluster.members.map((member) => member.kill()))
      const before = calls()
      await Promise.all(cluster.members.map((member) => member.start()))
      await expect.poll(calls).toBeGreaterThan(before)
      await hears()
      await close()
    })

    test('goes on when the past is forgotten', async () => {
      const { store, hears, close } = await watched()
      for (let i = 0; i < 3; i++) {
        await count(store, `${i}`)
        const { header } = JSON.parse(await cluster.ctl('get', 'x', '-w', 'json')) as { header: { revision: number } }
        await cluster.ctl('compact', `${header.revision}`)
        await hears()
      }
      await close()
    })

    test('tells nothing after its end', async () => {
      const { store, calls, end, hears, close } = await watched()
      await hears()
      end()
      const before = calls()
      await count(store, 'unheard')
      const other = await watched()
      await other.hears() // had it been heard, it would have been by now
      expect(calls()).toBe(before)
      await Promise.all([close(), other.close()])
    })
  })
})
