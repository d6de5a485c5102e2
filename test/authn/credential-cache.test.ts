import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type CredentialCacheOptions, createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import type { Account } from '../../src/authn/directory/directory.js'
import { AuthError } from '../../src/errors.js'
import { createManualClock, settle } from '../support/manual-clock.js'
import { createManualDirectory } from '../support/manual-directory.js'

const EXPIRATION = 60_000
const INTERVAL = 10_000
const LOOKUP = 1_000
const PATIENCE = 1_000

function setUp(options: CredentialCacheOptions = {}, watch = false, reportedUntil = false) {
  const now = createManualClock()
  const directory = createManualDirectory({ watch, reportedUntil })
  const times = { expiration: EXPIRATION, revalidateInterval: INTERVAL, lookupInterval: LOOKUP, patience: PATIENCE }
  const cache = createCredentialCache(directory, { ...times, now, ...options })
  const find = async (name: string) => (await cache.find(name))?.account
  const recheck = async (name: string) => (await cache.recheck(name))?.account
  const peek = (name: string) => cache.peek(name)?.account
  /** Time passes, for the clock and for timers. */
  const pass = async (ms: number) => {
    now.advance(ms)
    await vi.advanceTimersByTimeAsync(ms)
  }
  return { now, directory, cache, find, recheck, peek, pass }
}

/** What a promise has come to so far. */
function watched<T>(promise: Promise<T>): { state: 'waits' | 'resolved' | 'rejected'; value?: T; error?: unknown } {
  const seen: ReturnType<typeof watched<T>> = { state: 'waits' }
  promise.then(
    (value) => Object.assign(seen, { state: 'resolved', value }),
    (error: unknown) => Object.assign(seen, { state: 'rejected', error }),
  )
  return seen
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test.each<[keyof CredentialCacheOptions, number]>([
  ['expiration',         -1],
  ['expiration',         Number.NaN],
  ['expiration',         Number.POSITIVE_INFINITY],
  ['max',                0],
  ['max',                1.5],
  ['revalidateInterval', 0],
  ['revalidateInterval', -1],
  ['revalidateInterval', Number.NaN],
  ['lookupInterval',     -1],
  ['patience',           -1],
  ['lookups',            0],
])('an option out of range is named: %s %d', (name, value) => {
  expect(() => setUp({ [name]: value })).toThrow(new RegExp(`^${name} must`))
  expect(() => setUp({ [name]: value })).toThrow(TypeError)
})

test('durations need not be whole milliseconds', async () => {
  const { now, cache, directory, find } = setUp({ expiration: 0.5, lookupInterval: 0.25 })
  directory.put('ann', 'hash')
  await find('ann')
  expect(cache.size).toBe(1)
  now.advance(2)
  expect(cache.peek('ann')).toBeUndefined()
})

describe('one look-up in flight for a name', () => {
  test('however many wait for it', async () => {
    const { directory, find } = setUp()
    const ann = directory.put('ann', 'hash')
    directory.hold()
    const all = Array.from({ length: 10_000 }, () => find('ann'))
    await settle()
    directory.release()
    expect(new Set(await Promise.all(all))).toEqual(new Set([ann]))
    expect(directory.asked).toEqual(['ann'])
  })

  test('though another name has its own', async () => {
    const { directory, find } = setUp()
    directory.hold()
    void find('ann')
    void find('bob')
    expect(directory.asked).toEqual(['ann', 'bob'])
  })

  test('a failure is everybody\'s who waited, and is not remembered', async () => {
    const { directory, find } = setUp()
    const ann = directory.put('ann', 'hash')
    directory.hold()
    const all = [watched(find('ann')), watched(find('ann'))]
    directory.waiting[0]?.fail()
    await settle()
    expect(all.map(({ state }) => state)).toEqual(['rejected', 'rejected'])
    directory.release()
    expect(await find('ann')).toBe(ann)
  })

  test('names that objects have by birth are names like others', async () => {
    const { directory, find, peek } = setUp()
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    for (const name of names) {
      expect(await find(name)).toBeUndefined()
      expect(peek(name)).toBeUndefined()
    }
    expect(directory.asked).toEqual(names)
  })
})

describe('an account that was peeked at is used for a moment without asking for it', () => {
  /** `ann`, as the cache returns it. */
  async function lent(options: CredentialCacheOptions = {}, watch = false, reportedUntil = false) {
    const all = setUp(options, watch, reportedUntil)
    all.directory.put('ann', 'hash')
    await all.find('ann')
    const cached = all.cache.peek('ann')
    if (!cached) throw new Error('nobody')
    return { ...all, cached }
  }

  test.each([
    // says                                            options                             after      usable
    ['at once',                                        {},                                 0,         true],
    ['for less than a second',                         {},                                 999,       true],
    ['no longer, or the cache would not hear of it',   {},                                 1_000,     false],
    ['no longer than it is used without a thought',    { revalidateInterval: 100 },        50,        false],
    ['no longer than it is kept',                      { expiration: 100 },                100,       false],
  ])('%s', async (_says, options, after, usable) => {
    const { cache, cached, now } = await lent(options)
    expect(cache.isUsable(cached)).toBe(true)
    now.advance(after)
    expect(cache.isUsable(cached)).toBe(usable)
  })

  test('not before that', async () => {
    const { cache, directory, now } = setUp()
    directory.put('ann', 'hash')
    const cached = await cache.find('ann')
    now.advance(INTERVAL / 2)
    expect(cached && cache.isUsable(cached)).toBe(false)
  })

  test('not once it is forgotten, by name or with all', async () => {
    for (const name of ['ann', undefined]) {
      const { cache, cached } = await lent()
      cache.forget(name)
      expect(cache.isUsable(cached)).toBe(false)
    }
  })

  test('not once the directory told a change', async () => {
    const { cache, cached, directory } = await lent({}, true)
    expect(cache.isUsable(cached)).toBe(true)
    directory.put('ann', 'other')
    expect(cache.isUsable(cached)).toBe(false)
  })

  test('not once another has its place', async () => {
    const { cache, cached, directory, find } = await lent({ max: 1 })
    directory.put('bob', 'hash')
    expect(cache.isUsable(cached)).toBe(true)
    await find('bob')
    expect(cache.isUsable(cached)).toBe(false)
  })

  test('not once the directory has answered anew', async () => {
    const { cache, cached, directory, recheck, now } = await lent()
    now.advance(LOOKUP)
    expect(cache.peek('ann')).toBe(cached)
    directory.put('ann', 'other')
    expect(cache.isUsable(cached)).toBe(true)
    await recheck('ann')
    expect(cache.isUsable(cached)).toBe(false)
  })

  test('though what is known of it stays so for as long as changes are told', async () => {
    const { cache, directory, now } = await lent({}, true, true)
    for (let age = 0; age < EXPIRATION; age += INTERVAL) {
      directory.told = now()
      const cached = cache.peek('ann')
      expect(cached && cache.isUsable(cached)).toBe(true)
      now.advance(INTERVAL)
    }
  })
})

describe('revalidation', () => {
  test.each([
    // says                                    after            at once  asked again
    ['a new answer is used without a thought', 0,               true,    false],
    ['until half the interval is over',        INTERVAL / 2 - 1, true,    false],
    ['then it is used, and asked for again',   INTERVAL / 2,    true,    true],
    ['until the interval is over',             INTERVAL - 1,    true,    true],
    ['then it is no longer used at once',      INTERVAL,        false,   false],
  ])('%s', async (_says, after, atOnce, askedAgain) => {
    const { now, directory, find, peek } = setUp()
    const ann = directory.put('ann', 'hash')
    await find('ann')
    directory.hold()
    now.advance(after)
    expect(peek('ann')).toBe(atOnce ? ann : undefined)
    expect(directory.asked.length).toBe(askedAgain ? 2 : 1)
  })

  test('the answer that came in the background is used', async () => {
    const { now, directory, find, peek } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    const changed = directory.put('ann', 'other')
    now.advance(INTERVAL / 2)
    peek('ann')
    await settle()
    expect(peek('ann')).toBe(changed)
  })

  test('an interval counts from the question, not from the answer', async () => {
    const { now, directory, find, peek } = setUp()
    directory.put('ann', 'hash')
    directory.hold()
    const slow = find('ann')
    now.advance(INTERVAL - 1)
    directory.release()
    await slow
    expect(peek('ann')).toBeDefined()
    now.advance(1)
    expect(peek('ann')).toBeUndefined()
  })

  test('however many requests come, the background asks once in a look-up interval', async () => {
    const { now, directory, find, peek } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    now.advance(INTERVAL / 2)
    directory.down = true
    for (let i = 0; i < 100; i++) {
      peek('ann')
      await settle()
      now.advance(LOOKUP / 100)
    }
    expect(directory.asked.length).toBe(2)
    peek('ann')
    expect(directory.asked.length).toBe(3)
  })

  test('an overdue answer is waited for', async () => {
    const { now, directory, find } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    const changed = directory.put('ann', 'other')
    now.advance(INTERVAL)
    directory.hold()
    const seen = watched(find('ann'))
    await settle()
    expect(seen.state).toBe('waits')
    directory.release()
    await settle()
    expect(seen.value).toBe(changed)
  })

  test('a user who was removed meanwhile is unknown', async () => {
    const { now, directory, cache, find, peek } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    directory.remove('ann')
    now.advance(INTERVAL)
    expect(await find('ann')).toBeUndefined()
    expect(peek('ann')).toBeUndefined()
    expect(cache.size).toBe(0)
  })

  test('what was derived holds for the same hash only', async () => {
    const { now, directory, cache } = setUp()
    directory.put('ann', 'hash')
    const first = await cache.find('ann')
    Object.assign(first as object, { digest: 'd', localHash: 'l' })
    now.advance(INTERVAL)
    directory.put('ann', 'hash', ['ReadData'])
    expect(await cache.find('ann')).toMatchObject({ digest: 'd', localHash: 'l' })
    now.advance(INTERVAL)
    directory.put('ann', 'other')
    expect(await cache.find('ann')).toMatchObject({ digest: undefined, localHash: undefined })
  })

  test('a directory that tells its changes is not asked again', async () => {
    const { now, directory, find, peek, recheck } = setUp({ expiration: 100 * INTERVAL }, true)
    const ann = directory.put('ann', 'hash')
    await find('ann')
    now.advance(50 * INTERVAL)
    expect([peek('ann'), await find('ann'), await recheck('ann')]).toEqual([ann, ann, ann])
    expect(directory.asked).toEqual(['ann'])
  })
})

describe('while the directory is out of reach', () => {
  test('patience is limited: then the known account is used', async () => {
    const { directory, find, pass } = setUp()
    const ann = directory.put('ann', 'hash')
    await find('ann')
    directory.hold()
    await pass(INTERVAL)
    const seen = watched(find('ann'))
    await pass(PATIENCE - 1)
    expect(seen.state).toBe('waits')
    await pass(1)
    expect(seen.value).toBe(ann)
  })

  test('who came later need not wait again for an interval', async () => {
    const { directory, find, peek, pass } = setUp()
    const ann = directory.put('ann', 'hash')
    await find('ann')
    directory.down = true
    await pass(INTERVAL)
    expect(await find('ann')).toBe(ann)
    expect(peek('ann')).toBe(ann)
    await pass(INTERVAL - 1)
    expect(peek('ann')).toBe(ann)
    await pass(1)
    expect(peek('ann')).toBeUndefined()
  })

  test('and the directory is left alone for half of it', async () => {
    const { directory, find, peek, pass } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    directory.down = true
    await pass(INTERVAL)
    await find('ann')
    for (let i = 0; i < 10; i++, await pass(INTERVAL / 20)) peek('ann')
    expect(directory.asked.length).toBe(2)
    peek('ann')
    expect(directory.asked.length).toBe(3)
  })

  test('the answer that comes after all is used', async () => {
    const { directory, find, peek, pass } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    const changed = directory.put('ann', 'other')
    directory.hold()
    await pass(INTERVAL)
    const seen = watched(find('ann'))
    await pass(PATIENCE)
    expect(seen.value).not.toBe(changed)
    directory.release()
    await settle()
    expect(peek('ann')).toBe(changed)
  })

  test('after a failure others wait for a tenth of it', async () => {
    const { directory, find, pass } = setUp()
    const ann = directory.put('ann', 'hash')
    await find('ann')
    await pass(INTERVAL)
    directory.down = true
    await expect(find('bob')).rejects.toThrow()
    directory.down = false
    directory.hold()
    const seen = watched(find('ann'))
    await pass(PATIENCE / 10 - 1)
    expect(seen.state).toBe('waits')
    await pass(1)
    expect(seen.value).toBe(ann)
  })

  test('after a success nobody is impatient any more', async () => {
    const { directory, find, pass } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    await pass(INTERVAL)
    directory.down = true
    await expect(find('bob')).rejects.toThrow()
    directory.down = false
    await find('bob')
    directory.hold()
    const seen = watched(find('ann'))
    await pass(PATIENCE / 10)
    expect(seen.state).toBe('waits')
  })

  test('one failure is not an outage: others are asked for before they are used', async () => {
    const { directory, find, pass } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    const changed = directory.put('ann', 'other')
    await pass(INTERVAL)
    directory.down = true
    await expect(find('bob')).rejects.toThrow()
    directory.down = false
    expect(await find('ann')).toBe(changed)
  })

  test('an account is used until it expires, and no longer', async () => {
    const { directory, find, peek, pass } = setUp()
    const ann = directory.put('ann', 'hash')
    await find('ann')
    directory.down = true
    for (let age = INTERVAL; age <= EXPIRATION; age += INTERVAL) {
      await pass(INTERVAL)
      expect(await find('ann')).toBe(ann)
    }
    await pass(1)
    expect(peek('ann')).toBeUndefined()
    await expect(find('ann')).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
  })

  test('an account that expires while it is waited for is not unknown', async () => {
    const { directory, find, pass } = setUp({ expiration: INTERVAL + PATIENCE / 2 })
    directory.put('ann', 'hash')
    await find('ann')
    directory.hold()
    await pass(INTERVAL)
    const seen = watched(find('ann'))
    await pass(PATIENCE)
    expect(seen.state).toBe('waits')
    directory.waiting[0]?.fail()
    await settle()
    expect(seen).toMatchObject({ state: 'rejected', error: { code: 'ERR_META_UNAVAILABLE' } })
  })

  test('an account that is forgotten while it is waited for is not unknown', async () => {
    const { directory, cache, find, pass } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    directory.hold()
    await pass(INTERVAL)
    const seen = watched(find('ann'))
    await settle()
    cache.forget('ann')
    const changed = directory.put('ann', 'other')
    await pass(PATIENCE)
    directory.release()
    await settle()
    expect(seen.value).toBe(changed)
  })

  test('once it is back, the account is the current one within the interval', async () => {
    const { directory, find, peek, pass } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    directory.down = true
    await pass(INTERVAL)
    await find('ann')
    directory.down = false
    const changed = directory.put('ann', 'other')
    await pass(INTERVAL / 2)
    peek('ann')
    await settle()
    expect(peek('ann')).toBe(changed)
  })
})

describe('a password that did not fit', () => {
  test('makes the cache ask, at most once in the look-up interval', async () => {
    const { now, directory, find, recheck } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    for (let i = 0; i < 100; i++, now.advance(LOOKUP / 100)) await recheck('ann')
    expect(directory.asked.length).toBe(1)
    const changed = directory.put('ann', 'other')
    expect(await recheck('ann')).toBe(changed)
    for (let i = 0; i < 99; i++, now.advance(LOOKUP / 100)) await recheck('ann')
    expect(directory.asked.length).toBe(2)
  })

  test('waits for the answer that is under way, be it from the background', async () => {
    const { now, directory, find, peek, recheck } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    const changed = directory.put('ann', 'other')
    now.advance(INTERVAL / 2)
    directory.hold()
    peek('ann')
    const seen = watched(recheck('ann'))
    await settle()
    expect(seen.state).toBe('waits')
    directory.release()
    await settle()
    expect(seen.value).toBe(changed)
    expect(directory.asked.length).toBe(2)
  })

  test.each([
    // says                            already under way
    ['one look-up for two at once',    false],
    ['also after one that was slow',   true],
  ])('%s, and both wait for it', async (_says, slow) => {
    const { now, directory, find, peek, recheck } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    now.advance(INTERVAL / 2)
    directory.hold()
    if (slow) peek('ann')
    if (slow) now.advance(LOOKUP)
    const changed = directory.put('ann', 'other')
    const seen = [watched(recheck('ann')), watched(recheck('ann'))]
    if (slow) directory.waiting[0]?.answer()
    await settle()
    expect(seen.map(({ state }) => state)).toEqual(['waits', 'waits'])
    directory.release()
    await settle()
    expect(seen.map(({ value }) => value)).toEqual([changed, changed])
    expect(directory.asked.length).toBe(slow ? 3 : 2)
  })

  test('is not judged by an answer that was under way for longer than the look-up interval', async () => {
    const { now, directory, find, peek, recheck } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    now.advance(INTERVAL / 2)
    directory.hold()
    peek('ann')
    now.advance(LOOKUP)
    const changed = directory.put('ann', 'other')
    const seen = watched(recheck('ann'))
    directory.release()
    await settle()
    expect(seen.value).toBe(changed)
  })

  test('cannot be told to be wrong while the directory is out of reach', async () => {
    const { now, directory, find, recheck } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    now.advance(LOOKUP)
    directory.down = true
    for (let i = 0; i < 10; i++) {
      await expect(recheck('ann')).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
    }
    expect(directory.asked.length).toBe(2)
  })

  test('evicts nothing', async () => {
    const { now, directory, cache, find, recheck, peek } = setUp()
    const ann = directory.put('ann', 'hash')
    await find('ann')
    now.advance(LOOKUP)
    await recheck('ann')
    await recheck('nobody')
    expect(peek('ann')).toBe(ann)
    expect(cache.size).toBe(1)
  })
})

describe('unknown names', () => {
  test('are asked for once in the look-up interval', async () => {
    const { now, directory, find, recheck } = setUp()
    for (let i = 0; i < 100; i++, now.advance(LOOKUP / 100)) {
      expect(await find('nobody')).toBeUndefined()
      expect(await recheck('nobody')).toBeUndefined()
    }
    expect(directory.asked.length).toBe(1)
    now.advance(1)
    const known = directory.put('nobody', 'hash')
    expect(await find('nobody')).toBe(known)
  })

  test('are remembered from the question on, not from the answer', async () => {
    const { now, directory, find } = setUp()
    directory.hold()
    const slow = find('nobody')
    now.advance(LOOKUP + 1)
    directory.release()
    await slow
    const known = directory.put('nobody', 'hash')
    expect(await find('nobody')).toBe(known)
  })

  test('drive out no account', async () => {
    const { directory, cache, find, peek } = setUp({ max: 3 })
    const names = ['ann', 'bob', 'cid']
    for (const name of names) directory.put(name, 'hash')
    for (const name of names) await find(name)
    for (let i = 0; i < 10_000; i++) await find(`nobody${i}`)
    expect(names.filter(peek)).toEqual(names)
    expect(cache.size).toBe(3)
  })

  test('are not remembered beyond a bound', async () => {
    const { directory, find } = setUp({ max: 3 })
    for (const name of ['a', 'b', 'c', 'd']) await find(name)
    await find('a')
    expect(directory.asked).toEqual(['a', 'b', 'c', 'd', 'a'])
  })
})

describe('D5: a flood of names that are not remembered', () => {
  test('is looked up so many at a time, and delays no user who is remembered', async () => {
    const { directory, find, pass } = setUp({ lookups: 4 })
    const ann = directory.put('ann', 'hash')
    await find('ann')
    await pass(INTERVAL) // overdue: the directory is asked before ann is used again
    directory.hold()
    const flood = Array.from({ length: 500 }, (_, i) => find(`nobody-${i}`))
    await settle()
    expect(directory.asked).toEqual(['ann', 'nobody-0', 'nobody-1', 'nobody-2', 'nobody-3'])
    const again = watched(find('ann'))
    directory.waiting.at(-1)?.answer()
    await settle()
    expect(again).toMatchObject({ state: 'resolved', value: ann })
    directory.release()
    expect(new Set(await Promise.all(flood))).toEqual(new Set([undefined]))
  })

  test.each([['hash'], ['']])('nor one who was forgotten, as after a restart of the meta node: hash "%s"', async (hash) => {
    const { directory, cache, find } = setUp({ lookups: 1 })
    directory.put('ann', hash)
    await find('ann')
    cache.forget()
    directory.hold()
    void find('nobody-1')
    void find('nobody-2')
    void find('ann')
    await settle()
    expect(directory.asked).toEqual(['ann', 'nobody-1', 'ann'])
  })

  test('is not an outage when it is refused', async () => {
    const { directory, find, pass } = setUp({ lookups: 1 })
    directory.put('ann', 'hash')
    await find('ann')
    directory.hold()
    const flood = Array.from({ length: 1_026 }, (_, i) => watched(find(`nobody-${i}`)))
    await settle()
    expect(flood.filter(({ state }) => state === 'rejected').map(({ error }) => (error as AuthError).code)).toEqual(['ERR_BUSY'])
    await pass(INTERVAL)
    const again = watched(find('ann'))
    await pass(PATIENCE - 1)
    expect(again.state).toBe('waits')
  })
})

describe('the cache is bounded', () => {
  test('the least recently used account goes first, one at a time', async () => {
    const { directory, cache, find, peek } = setUp({ max: 3 })
    const names = ['ann', 'bob', 'cid', 'dan']
    for (const name of names) directory.put(name, 'hash')
    for (const name of ['ann', 'bob', 'cid']) await find(name)
    peek('ann')
    await find('dan')
    expect(names.filter(peek)).toEqual(['ann', 'cid', 'dan'])
    expect(cache.size).toBe(3)
  })

  test('an account that is driven out while it is waited for is not unknown', async () => {
    const { directory, find, pass } = setUp({ max: 1 })
    const ann = directory.put('ann', 'hash')
    directory.put('bob', 'hash')
    await find('ann')
    await pass(INTERVAL)
    directory.hold()
    const seen = watched(find('ann'))
    const other = find('bob')
    directory.waiting[1]?.answer()
    await other
    await pass(PATIENCE)
    directory.release()
    await settle()
    expect(seen.value).toBe(ann)
  })
})

describe('with an expiration of 0', () => {
  test('nothing is remembered', async () => {
    const { directory, cache, find, peek } = setUp({ expiration: 0 })
    directory.put('ann', 'hash')
    await find('ann')
    expect(peek('ann')).toBeUndefined()
    await find('ann')
    await find('nobody')
    await find('nobody')
    expect(directory.asked).toEqual(['ann', 'ann', 'nobody', 'nobody'])
    expect([cache.size, cache.enabled]).toEqual([0, false])
  })

  test('nor anything that was derived', async () => {
    const { directory, cache } = setUp({ expiration: 0 })
    directory.put('ann', 'hash')
    const first = await cache.find('ann')
    Object.assign(first as object, { digest: 'd' })
    cache.forget()
    expect(await cache.find('ann')).toMatchObject({ digest: undefined })
  })
})

describe('forgetting', () => {
  test.each<[string, string | undefined, string[]]>([
    // says                    name       still known
    ['one name',               'ann',     ['bob']],
    ['all names',              undefined, []],
    ['a name nobody has',      'nobody',  ['ann', 'bob']],
  ])('%s', async (_says, name, known) => {
    const { directory, cache, find, peek } = setUp()
    for (const user of ['ann', 'bob']) {
      directory.put(user, 'hash')
      await find(user)
    }
    cache.forget(name)
    expect(['ann', 'bob'].filter(peek)).toEqual(known)
  })

  test.each<[string, string | undefined]>([
    ['one name',  'ann'],
    ['all names', undefined],
  ])('%s: the answer that is under way is not kept, and not joined', async (_says, name) => {
    const { directory, cache, find, peek } = setUp()
    const before = directory.put('ann', 'hash')
    directory.hold()
    const early = watched(find('ann'))
    await settle()
    cache.forget(name)
    const after = directory.put('ann', 'other')
    const late = watched(find('ann'))
    directory.waiting[1]?.answer()
    await settle()
    expect(late.value).toBe(after)
    directory.waiting[0]?.answer()
    await settle()
    expect(early.value).toBe(before)
    expect(peek('ann')).toBe(after)
  })

  test('nobody is let in from memory while the directory is out of reach', async () => {
    const { directory, cache, find } = setUp()
    directory.put('ann', 'hash')
    await find('ann')
    cache.forget('ann')
    directory.down = true
    await expect(find('ann')).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
  })

  test.each<[string, string | undefined]>([
    ['one name',  'ann'],
    ['all names', undefined],
  ])('%s: that there was no such user', async (_says, name) => {
    const { directory, cache, find } = setUp()
    await find('ann')
    const ann = directory.put('ann', 'hash')
    cache.forget(name)
    expect(await find('ann')).toBe(ann)
  })

  test.each<[string, string, string, boolean]>([
    // says                                    hash     then     holds again
    ['what was derived from the same hash',    'hash',  'hash',  true],
    ['not what was derived from another hash', 'hash',  'other', false],
    ['not the directory\'s word on a user without a hash', '', '', false],
  ])('keeps %s', async (_says, hash, then, again) => {
    const { directory, cache } = setUp()
    directory.put('ann', hash)
    Object.assign((await cache.find('ann')) as object, { digest: 'd' })
    directory.put('ann', then, ['ReadData'])
    cache.forget()
    expect((await cache.find('ann'))?.digest !== undefined).toBe(again)
  })

  test('a user who was gone meanwhile starts anew', async () => {
    const { now, directory, cache, find } = setUp()
    directory.put('ann', 'hash')
    Object.assign((await cache.find('ann')) as object, { digest: 'd' })
    cache.forget()
    directory.remove('ann')
    await find('ann')
    now.advance(LOOKUP + 1)
    directory.put('ann', 'hash')
    expect(await cache.find('ann')).toMatchObject({ digest: undefined })
  })

  test('follows what the directory tells, until the end', async () => {
    const { directory, cache, find, peek } = setUp({}, true)
    directory.put('ann', 'hash')
    await find('ann')
    const changed = directory.put('ann', 'other')
    expect(peek('ann')).toBeUndefined()
    expect(await find('ann')).toBe(changed)
    cache.close()
    directory.put('ann', 'third')
    expect(peek('ann')).toBe(changed)
  })

  test('a user created while the directory says that there is none is known', async () => {
    const { directory, find } = setUp({}, true)
    directory.hold()
    const early = find('ann')
    const ann: Account = directory.put('ann', 'hash')
    directory.release()
    await early
    expect(await find('ann')).toBe(ann)
  })
})

test('what the directory says is wrong stays wrong: an invalid answer is not a "no"', async () => {
  const { directory, find } = setUp()
  directory.hold()
  const seen = watched(find('ann'))
  directory.waiting[0]?.fail(new AuthError('ERR_META_INVALID', 'nonsense'))
  await settle()
  expect(seen).toMatchObject({ state: 'rejected', error: { code: 'ERR_META_INVALID' } })
})

describe('while a directory from afar is heard of', () => {
  const setUpFar = () => setUp({}, true, true)

  test('nobody is asked for again; once it is not, as if asked for when it was last heard of', async () => {
    const { now, directory, find, peek, pass } = setUpFar()
    directory.put('ann', 'hash')
    await find('ann')
    for (let i = 0; i < 20; i++, await pass(INTERVAL / 4)) {
      directory.told = now()
      expect(peek('ann')).toBeDefined()
    }
    expect(directory.asked.length).toBe(1)
    // Nothing is heard since a quarter of the interval
    await pass(INTERVAL / 4)
    peek('ann')
    expect(directory.asked.length).toBe(2) // in the background
  })

  test('who was not used meanwhile is asked for before use, when the interval is over', async () => {
    const { now, directory, find, peek, pass } = setUpFar()
    directory.put('ann', 'hash')
    await find('ann')
    await pass(3 * INTERVAL)
    directory.told = now()
    await pass(INTERVAL / 2 - 1)
    expect(peek('ann')).toBeDefined()
    expect(directory.asked.length).toBe(1)
    directory.hold()
    await pass(INTERVAL / 2)
    expect(peek('ann')).toBeDefined() // asked for in the background
    await pass(1)
    expect(peek('ann')).toBeUndefined()
  })

  test('a password that does not fit makes the cache ask, for the news may be on their way', async () => {
    const { now, directory, find, recheck } = setUpFar()
    directory.put('ann', 'hash')
    await find('ann')
    now.advance(LOOKUP)
    directory.told = now()
    await recheck('ann')
    expect(directory.asked.length).toBe(2)
  })

  test('the news drop exactly whom they name', async () => {
    const { now, directory, find, peek } = setUpFar()
    for (const name of ['ann', 'bob']) directory.put(name, 'hash')
    for (const name of ['ann', 'bob']) await find(name)
    directory.told = now()
    directory.put('ann', 'other')
    expect(['ann', 'bob'].filter(peek)).toEqual(['bob'])
  })

  test('it is asked for again when it is no longer, as one that never told anything', async () => {
    const { directory, find, peek, pass } = setUpFar()
    directory.put('ann', 'hash')
    await find('ann')
    await pass(INTERVAL)
    expect(peek('ann')).toBeUndefined()
  })
})

test('a user who was reported as changed and expires is looked up again, and what was derived from the hash stays valid', async () => {
  const { directory, cache, find, pass } = setUp({}, true)
  directory.put('ann', 'hash')
  await find('ann')
  Object.assign(cache.peek('ann') as object, { digest: 'd' })
  await pass(EXPIRATION + 1)
  expect(cache.peek('ann')).toBeUndefined()
  expect(cache.isFamiliar('ann')).toBe(true)
  expect(await cache.find('ann')).toMatchObject({ digest: 'd' })
  await pass(EXPIRATION + 1)
  directory.put('ann', 'other')
  expect(await cache.find('ann')).toMatchObject({ digest: undefined })
})
