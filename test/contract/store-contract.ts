import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import type { Entry, Snapshot, Store, StoreChange, Value } from '../../src/registry/store/store.js'
import type { Key } from '../../src/registry/store/store-key.js'
import { until } from '../support/until.js'

/** What a test gets to work with. */
export interface StoreBench {
  store: Store
  /** The same data through a new store; the old one is closed. */
  reopen(): Promise<Store>
  /** A second store over the same data, as another process or machine would have it. */
  another(): Promise<Store>
}

export const entriesOf = async (snapshot: Snapshot, prefix: Key = []): Promise<Entry[]> => {
  const entries: Entry[] = []
  for await (const entry of snapshot.range(prefix)) entries.push(entry)
  return entries
}
const all = (store: Store, prefix: Key = []) => store.read((s) => entriesOf(s, prefix))
const keysOf = async (store: Store, prefix: Key = []) => (await all(store, prefix)).map(({ key }) => key.join('/'))
const get = (store: Store, ...key: string[]) => store.read((s) => s.get(key))
const put = (store: Store, key: Key, value: Value = true) => store.change((d) => d.put(key, value))
const indexOf = (store: Store) => store.read((s) => s.index)

/** What every store must do, however it does it. */
export function storeContract(name: string, open: () => Promise<StoreBench>): void {
  describe(`${name}, as every store,`, () => {
    test('is empty at first', async () => {
      const { store } = await open()
      expect(await all(store)).toEqual([])
      expect(await get(store, 'user', 'ann')).toBeUndefined()
    })

    test('keeps what it was given, across a restart', async () => {
      const { store, reopen } = await open()
      const value = { hash: '$2b$', list: [1, 2.5, true, null, 'é'], deep: { '': {} } }
      await put(store, ['user', 'ann'], value)
      const index = await indexOf(store)
      const again = await reopen()
      expect(await get(again, 'user', 'ann')).toEqual(value)
      expect(await indexOf(again)).toBe(index)
    })

    test('forgets what was removed, across a restart', async () => {
      const { store, reopen } = await open()
      await store.change((d) => { d.put(['a'], 1); d.put(['b'], 2) })
      await store.change((d) => d.remove(['a']))
      expect(await get(store, 'a')).toBeUndefined()
      expect(await keysOf(await reopen())).toEqual(['b'])
    })

    test('replaces all it has by more than a change may hold, and tells so', async () => {
      const { store, another, reopen } = await open()
      const count = (store.maxWrites === Number.POSITIVE_INFINITY ? 1_000 : store.maxWrites) * 3 + 1
      await store.change((d) => { d.put(['old', 'a'], 1); d.put(['n', '1'], 'old') })
      const index = await indexOf(store)
      const told: StoreChange[] = []
      store.watch((change) => { told.push(change) })
      async function* entries() {
        for (let i = 0; i < count; i += 2) yield [i, i + 1].filter((n) => n < count).map((n) => ({ key: ['n', String(n)], value: n }))
      }
      expect(await store.replace(index, entries(), 5_000)).toBe(true)
      expect((await keysOf(store)).length).toBe(count)
      expect([await get(store, 'n', '1'), await get(store, 'old', 'a')]).toEqual([1, undefined])
      expect(await indexOf(store)).toBeGreaterThan(index)
      expect(told.at(-1)).toMatchObject({ keys: undefined, index: await indexOf(store) })
      expect((await keysOf(await another())).length).toBe(count)
      await put(store, ['after'])
      expect((await keysOf(await reopen())).length).toBe(count + 1)
    })

    test('replaces no other state than the one that was meant', async () => {
      const { store } = await open()
      const index = await indexOf(store)
      await put(store, ['a'])
      let asked = false
      async function* entries() { asked = true; yield [{ key: ['b'], value: 1 }] }
      expect(await store.replace(index, entries())).toBe(false)
      expect([await keysOf(store), asked]).toEqual([['a'], false])
    })

    test('has all of the old state when what was to replace it breaks off, if a change holds any number', async () => {
      const { store, reopen } = await open()
      await put(store, ['a'], 'old')
      const index = await indexOf(store)
      async function* entries() { yield [{ key: ['a'], value: 'new' }, { key: ['b'], value: 1 }]; throw new AuthError('ERR_REQUEST_INVALID', 'broken off') }
      await expect(store.replace(index, entries())).rejects.toMatchObject({ message: 'broken off' })
      if (store.maxWrites === Number.POSITIVE_INFINITY) expect([await keysOf(store), await get(store, 'a'), await indexOf(store)]).toEqual([['a'], 'old', index])
      await put(store, ['c'])
      expect(await keysOf(await reopen())).toContain('c')
    })

    test('counts each change by one, and nothing else', async () => {
      const { store } = await open()
      const before = await indexOf(store)
      await put(store, ['a'])
      await store.change((d) => { d.put(['b'], 1); d.put(['c'], 1) })
      await store.change((d) => d.get(['a']))
      await store.change(() => { throw new Error('no') }).catch(() => {})
      expect(await indexOf(store)).toBe(before + 2)
    })

    test('says in a change what the index was before it', async () => {
      const { store } = await open()
      const before = await indexOf(store)
      expect(await store.change((d) => { d.put(['a'], 1); return d.index })).toBe(before)
    })

    test('changes whole or not at all', async () => {
      const { store, reopen } = await open()
      await put(store, ['a'], 'old')
      const failing = store.change(async (d) => {
        d.put(['a'], 'new')
        d.put(['b'], 'new')
        await d.get(['a'])
        throw new Error('on second thoughts')
      })
      await expect(failing).rejects.toThrow('on second thoughts')
      expect(await all(store)).toEqual([{ key: ['a'], value: 'old' }])
      expect(await keysOf(await reopen())).toEqual(['a'])
    })

    test('refuses a key that cannot be one, and then changes nothing', async () => {
      const { store } = await open()
      for (const key of [[], [''], ['a\0b'], ['\ud800'], ['x'.repeat(1979)], ['user', 'é'.repeat(990)]]) {
        await expect(store.change((d) => { d.put(['a'], 1); d.put(key, 1) })).rejects.toThrow(TypeError)
      }
      expect(await all(store)).toEqual([])
    })

    test('passes on what work returns', async () => {
      const { store } = await open()
      expect(await store.read(() => 'read')).toBe('read')
      expect(await store.change(async (d) => { d.put(['a'], 1); return 'changed' })).toBe('changed')
    })

    test('goes on after a failed change', async () => {
      const { store } = await open()
      const results = await Promise.allSettled([
        put(store, ['a']), store.change(() => Promise.reject(new Error('no'))), put(store, ['b']),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await keysOf(store)).toEqual(['a', 'b'])
    })

    test('takes a copy of a value when it is put', async () => {
      const { store } = await open()
      const list = [1]
      await store.change((d) => { d.put(['a'], list); list.push(2) })
      expect(await get(store, 'a')).toEqual([1])
    })

    test('counts right under 200 concurrent changes', async () => {
      const { store } = await open()
      const before = await indexOf(store)
      await Promise.all(Array.from({ length: 200 }, () => store.change(async (d) => {
        const n = ((await d.get(['n'])) as number | undefined) ?? 0
        await new Promise(setImmediate)
        d.put(['n'], n + 1)
      })))
      expect(await get(store, 'n')).toBe(200)
      expect(await indexOf(store)).toBe(before + 200)
    })

    test('counts right when two of them change the same', async () => {
      const { store, another } = await open()
      const stores = [store, await another()]
      let runs = 0
      await Promise.all(Array.from({ length: 60 }, (_, i) => (stores[i % 2] as Store).change(async (d) => {
        runs++
        const n = ((await d.get(['n'])) as number | undefined) ?? 0
        await new Promise(setImmediate)
        d.put(['n'], n + 1)
      })))
      expect(await get(store, 'n')).toBe(60)
      expect(runs).toBeGreaterThan(60) // or they never met
    })

    test('shows one state for as long as it is read', async () => {
      const { store } = await open()
      await store.change((d) => { for (let i = 0; i < 500; i++) d.put(['k', String(i).padStart(3, '0')], 'old') })
      await store.read(async (snapshot) => {
        const { index } = snapshot
        let seen = 0
        for await (const { value } of snapshot.range(['k'])) {
          if (seen++ === 10) {
            await store.change((d) => {
              for (let i = 0; i < 500; i++) d.put(['k', String(i).padStart(3, '0')], 'new'.repeat(200))
              for (let i = 0; i < 5000; i++) d.put(['l', String(i)], 'x'.repeat(100))
            })
          }
          expect(value).toBe('old')
        }
        expect(seen).toBe(500)
        expect(snapshot.index).toBe(index)
        expect(await snapshot.get(['k', '001'])).toBe('old')
        expect(await entriesOf(snapshot, ['l'])).toEqual([])
      })
      expect(await get(store, 'k', '001')).toBe('new'.repeat(200))
    })

    test('shows a change to everybody who reads after it', async () => {
      const { store, another } = await open()
      const other = await another()
      for (let i = 0; i < 20; i++) {
        await put(store, ['n'], i)
        expect(await get(other, 'n')).toBe(i)
      }
    })

    test('lets nobody use a snapshot when its work has ended', async () => {
      const { store } = await open()
      await put(store, ['a'])
      const [snapshot, iterator] = await store.read(async (s) => {
        const iterator = s.range([])[Symbol.asyncIterator]()
        await iterator.next()
        return [s, iterator] as const
      })
      await expect(snapshot.get(['a'])).rejects.toThrow(TypeError)
      await expect(iterator.next()).rejects.toThrow(TypeError)
      await put(store, ['b']) // and nothing is stuck
    })

    test('may leave a range before its end', async () => {
      const { store } = await open()
      await store.change((d) => { for (let i = 0; i < 50; i++) d.put(['k', String(i)], i) })
      for (let i = 0; i < 300; i++) {
        await store.read(async (s) => { for await (const _ of s.range(['k'])) break })
      }
      expect((await keysOf(store)).length).toBe(50)
    })

    describe('in a range', () => {
      const keys: Key[] = [
        ['user', '\u{1F600}'], ['user', '\uFFEE'], ['user', 'b'], ['user', 'a', 'x'], ['user', 'a'], ['user', 'a b'],
        ['user', 'ab'], ['user', 'Z'], ['userx'], ['usr', 'a'], ['user'], ['use', 'r'], ['user', 'a', 'b', 'c'],
      ]
      const sorted = ['use/r', 'user', 'user/Z', 'user/a', 'user/a/b/c', 'user/a/x', 'user/a b', 'user/ab',
        'user/b', 'user/\uFFEE', 'user/\u{1F600}', 'userx', 'usr/a']

      test('has the keys in the order of their bytes', async () => {
        const { store } = await open()
        await store.change((d) => { for (const key of keys) d.put(key, key.length) })
        expect(await keysOf(store)).toEqual(sorted)
      })

      test.each<[string, Key, string[]]>([
        ['all that goes on after a part',     ['user'],           sorted.slice(2, 11)],
        ['not what only begins alike',        ['use'],            ['use/r']],
        ['more than one part',                ['user', 'a'],      ['user/a/b/c', 'user/a/x']],
        ['nothing',                           ['user', 'nobody'], []],
        ['not the key itself',                ['user', 'Z'],      []],
      ])('has %s', async (_says, prefix, expected) => {
        const { store } = await open()
        await store.change((d) => { for (const key of keys) d.put(key, 1) })
        expect(await keysOf(store, prefix)).toEqual(expected)
      })

      test('of a draft, has what was just written, and not what was removed', async () => {
        const { store } = await open()
        await store.change((d) => { for (const key of ['b', 'd', 'f']) d.put(['k', key], 'kept') })
        await store.change(async (d) => {
          d.put(['k', 'a'], 'own')
          d.put(['k', 'd'], 'own')
          d.put(['k', 'z'], 'own')
          d.put(['other'], 'own')
          d.put(['k', 'gone'], 'own')
          d.remove(['k', 'gone'])
          d.remove(['k', 'f'])
          d.remove(['k', 'never'])
          expect((await entriesOf(d, ['k'])).map(({ key, value }) => `${key[1]} ${value}`))
            .toEqual(['a own', 'b kept', 'd own', 'z own'])
          expect(await d.get(['k', 'd'])).toBe('own')
          expect(await d.get(['k', 'f'])).toBeUndefined()
          expect(await d.get(['k', 'b'])).toBe('kept')
        })
        expect(await keysOf(store, ['k'])).toEqual(['k/a', 'k/b', 'k/d', 'k/z'])
      })

      test('removes all of it at once', async () => {
        const { store } = await open()
        await store.change((d) => { for (const key of keys) d.put(key, 1) })
        await store.change(async (d) => {
          d.put(['user', 'new'], 1)
          await d.removeAll(['user'])
          d.put(['user', 'newer'], 1)
          expect(await entriesOf(d, ['user'])).toEqual([{ key: ['user', 'newer'], value: 1 }])
        })
        expect(await keysOf(store)).toEqual(['use/r', 'user', 'user/newer', 'userx', 'usr/a'])
      })

      test('may be written to while it is read', async () => {
        const { store } = await open()
        await store.change((d) => { for (let i = 0; i < 20; i++) d.put(['k', String(i)], i) })
        await store.change(async (d) => {
          for await (const { key } of d.range(['k'])) { d.remove(key); d.put(['l', key[1] as string], 1) }
        })
        expect(await keysOf(store, ['k'])).toEqual([])
        expect((await keysOf(store, ['l'])).length).toBe(20)
      })
    })

    describe('with odd names,', () => {
      const names = ['__proto__', 'constructor', 'toString', 'a b:c', 'é'.normalize('NFD'), 'é'.normalize('NFC'),
        '😀', 'ا', '%2e%2e', '../..', '"', '\\', ' ', '.', '\n', '\u{10FFFF}', '\uFFFF', 'x'.repeat(255)]

      test('keeps each apart', async () => {
        const { store, reopen } = await open()
        await store.change((d) => { for (const [i, name] of names.entries()) d.put(['user', name], i) })
        const again = await reopen()
        for (const [i, name] of names.entries()) expect(await get(again, 'user', name)).toBe(i)
        expect((await keysOf(again, ['user'])).sort()).toEqual(names.map((n) => `user/${n}`).sort())
      })

      test('keeps them in values too', async () => {
        const { store } = await open()
        const value = JSON.parse('{"__proto__":[1],"\\ud800":"\\udfff","":null}') as Value
        await put(store, ['a'], value)
        expect(JSON.stringify(await get(store, 'a'))).toBe(JSON.stringify(value))
      })

      test('keeps the longest of them', async () => {
        const { store } = await open()
        const key = ['member', `${'\u{1F600}'.repeat(63)}abc`, 'x'.repeat(1978 - 7 - 255 - 1)]
        await put(store, key, 'x'.repeat(100_000))
        expect(await all(store)).toEqual([{ key, value: 'x'.repeat(100_000) }])
      })
    })

    describe('when watched,', () => {
      test('tells each change in order, before its promise resolves', async () => {
        const { store } = await open()
        const heard: StoreChange[] = []
        const before = await indexOf(store)
        store.watch((change) => { heard.push(change) })
        await store.change((d) => { d.put(['b'], 1); d.put(['a'], 1) })
        expect(heard).toMatchObject([{ index: before + 1, keys: [['a'], ['b']] }])
        await Promise.all(Array.from({ length: 20 }, (_, i) => put(store, ['k', String(i)])))
        expect(heard.map(({ index }) => index)).toEqual(Array.from({ length: 21 }, (_, i) => before + 1 + i))
        await store.change((d) => d.removeAll(['k']))
        expect(heard.at(-1)?.keys?.length).toBe(20)
      })

      test('tells of a change only when it can be read', async () => {
        const { store } = await open()
        const seen: unknown[] = []
        store.watch(async () => { seen.push(await get(store, 'n')) })
        for (let i = 0; i < 5; i++) await put(store, ['n'], i)
        expect(seen).toEqual([0, 1, 2, 3, 4])
      })

      test('waits for a listener that takes its time', async () => {
        const { store } = await open()
        let done = false
        store.watch(async () => { await new Promise(setImmediate); done = true })
        await put(store, ['a'])
        expect(done).toBe(true)
      })

      test('tells nothing of what did not happen', async () => {
        const { store } = await open()
        let heard = 0
        store.watch(() => { heard++ })
        await store.change((d) => d.get(['a']))
        await store.change((d) => { d.put(['a'], 1); throw new Error('no') }).catch(() => {})
        expect(heard).toBe(0)
      })

      test('is not stopped by a listener that throws', async () => {
        const { store } = await open()
        let heard = 0
        store.watch(() => { throw new Error('listener') })
        store.watch(() => Promise.reject(new Error('listener')))
        store.watch(() => { heard++ })
        await put(store, ['a'])
        expect(heard).toBe(1)
      })

      test('tells nobody who has stopped listening', async () => {
        const { store } = await open()
        let [one, two] = [0, 0]
        const listener = () => { one++ }
        const stop = store.watch(listener)
        store.watch(listener)
        store.watch(() => { two++ })
        await put(store, ['a'])
        stop()
        await put(store, ['b'])
        expect([one, two]).toEqual([3, 2])
      })
    })

    describe('when others change it,', () => {
      test('tells of each change in order, from all processes, and of each once', async () => {
        const { store, another } = await open()
        const stores = [store, await another()]
        const before = await indexOf(store)
        const heard: StoreChange[][] = [[], []]
        for (const [i, one] of stores.entries()) one.watch((change) => { heard[i]?.push(change) })
        await Promise.all(Array.from({ length: 60 }, (_, i) => put(stores[i % 2] as Store, ['k', String(i)])))
        await until(() => heard.every(({ length }) => length >= 60))
        for (const changes of heard) {
          expect(changes.map(({ index }) => index)).toEqual(Array.from({ length: 60 }, (_, i) => before + 1 + i))
          expect(new Set(changes.flatMap(({ keys }) => keys?.map(([, name]) => name)))).toEqual(new Set(Array.from({ length: 60 }, (_, i) => String(i))))
        }
        expect(heard[0]?.map(({ mark }) => mark)).toEqual(heard[1]?.map(({ mark }) => mark))
      })

      test('tells of what happened since it was last read', async () => {
        const { store, another } = await open()
        const other = await another()
        await indexOf(store)
        await put(other, ['a'])
        const heard: unknown[] = []
        store.watch(({ keys }) => { heard.push(keys) })
        await until(() => heard.length === 1)
        expect(heard).toEqual([[['a']]])
      })
    })

    describe('asked what has changed since,', () => {
      test('says it in order, from an index or a mark, to itself and to others', async () => {
        const { store, another } = await open()
        await put(store, ['a'])
        const { index, mark } = await store.since(undefined)
        expect(index).toBe(await indexOf(store))
        await store.change((d) => { d.put(['c'], 1); d.remove(['a']) })
        await store.change((d) => d.put(['b'], 1))
        for (const one of [store, await another()]) {
          for (const from of [mark, String(index)]) {
            const { changes } = await one.since(from)
            expect(changes?.map((change) => [change.index, change.keys])).toEqual([[index + 1, [['a'], ['c']]], [index + 2, [['b']]]])
            expect(await one.since(changes?.at(-1)?.mark)).toEqual({ index: index + 2, mark: changes?.at(-1)?.mark, changes: [] })
          }
        }
      })

      test('says across a restart, and over many changes', async () => {
        const { store, reopen } = await open()
        const { mark } = await store.since(undefined)
        for (let i = 0; i < 150; i++) await put(store, ['k'], i)
        expect((await (await reopen()).since(mark)).changes?.length).toBe(150)
      })

      test.each<[string, (index: number) => string]>([
        ['a state to come',                     (index) => `${index + 1}`],
        ['a state from before the log',         () => '0'],
        ['a mark of another registry',          (index) => `${index}-abcdefgh`],
        ['an older mark of another registry',   (index) => `${index - 1}-abcdefgh`],
        ['something else',                      () => 'x'],
      ])('cannot tell of %s', async (_says, mark) => {
        const { store } = await open()
        await put(store, ['a'])
        await put(store, ['b'])
        expect((await store.since(mark(await indexOf(store)))).changes).toBeUndefined()
      })

      test('does not name more than a thousand keys, but to those who watch where it is made', async () => {
        const { store } = await open()
        const heard: (number | undefined)[] = []
        store.watch(({ keys }) => { heard.push(keys?.length) })
        const { mark } = await store.since(undefined)
        await store.change((d) => { for (let i = 0; i < 1_001; i++) d.put(['k', String(i)], 1) })
        expect((await store.since(mark)).changes).toMatchObject([{ keys: undefined }])
        expect(heard).toEqual([1_001])
      })
    })

    describe('when closed,', () => {
      test('finishes what is under way, and refuses the rest', async () => {
        const { store, reopen } = await open()
        const changes = Array.from({ length: 10 }, (_, i) => put(store, ['k', String(i)]))
        const reading = store.read(async (s) => { await new Promise(setImmediate); return entriesOf(s) })
        await store.close()
        await Promise.all([...changes, reading])
        const closed = { code: 'ERR_STORE_UNAVAILABLE', message: 'the registry is closed' }
        await expect(put(store, ['a'])).rejects.toMatchObject(closed)
        await expect(get(store, 'a')).rejects.toMatchObject(closed)
        expect((await keysOf(await reopen())).length).toBe(10)
      })

      test('waits for a read that takes its time', async () => {
        const { store } = await open()
        await put(store, ['a'], 1)
        let closed = false
        const reading = store.read(async (s) => {
          await new Promise((resolve) => setTimeout(resolve, 50))
          return [await s.get(['a']), closed]
        })
        await store.close().then(() => { closed = true })
        expect(await reading).toEqual([1, false])
      })

      test('may be closed twice', async () => {
        const { store } = await open()
        await Promise.all([store.close(), store.close()])
        await store.close()
      })
    })
  })
}
