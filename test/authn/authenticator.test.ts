import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createAuthenticator } from '../../src/authn/authenticator.js'
import { createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import { createBcryptPool } from '../../src/authn/passwords/bcrypt-pool.js'
import { createPasswordCheck } from '../../src/authn/passwords/password-check.js'
import { createTokenCheck } from '../../src/authn/token-check.js'
import { isAuthorized } from '../../src/authz/authorize.js'
import { DELETE, READ } from '../../src/authz/privilege.js'
import type { User } from '../../src/authz/user.js'
import { AuthError } from '../../src/errors.js'
import { fakeHash } from '../support/fake-hasher.js'
import { createFakeSignIn, type FakeSignInOptions, outcome } from '../support/fake-sign-in.js'
import { createFakeWorld } from '../support/fake-world.js'
import { commandsOf } from '../support/fake-world-commands.js'
import { brokenPromises } from '../support/fake-world-promises.js'
import { settle } from '../support/manual-clock.js'
import { createManualDirectory } from '../support/manual-directory.js'

const LOOKUP = 1_000
const INTERVAL = 10_000
const EXPIRATION = 60_000

const REJECTED = 'ERR_CREDENTIALS_REJECTED'
const UNAVAILABLE = 'ERR_META_UNAVAILABLE'

/** `ann` may sign in with `right`. */
function setUp(options: FakeSignInOptions = {}) {
  const times = { expiration: EXPIRATION, revalidateInterval: INTERVAL }
  const all = createFakeSignIn({
    ...options,
    cache: { ...times, lookupInterval: LOOKUP, patience: 1_000, ...options.cache },
    passwords: { ...times, ...options.passwords },
  })
  all.directory.put('ann', fakeHash('right'))
  const { authenticator } = all
  /** The answer if it is known at once. */
  const atOnce = (name: string, password: string) => {
    const answer = authenticator.authenticate({ kind: 'password', name, password })
    if (answer instanceof Promise) answer.catch(() => {})
    return answer instanceof Promise || answer instanceof AuthError ? undefined : answer.name
  }
  const bearer = (token: string) => outcome(authenticator.authenticate({ kind: 'bearer', token }))
  return { ...all, atOnce, bearer }
}

test.each([
  // says                           name        password    expected
  ['the right password',            'ann',      'right',    'ann'],
  ['a wrong password',              'ann',      'wrong',    REJECTED],
  ['a wrong password, in case',     'ann',      'Right',    REJECTED],
  ['an unknown user',               'nobody',   'right',    REJECTED],
  ['a name in another case',        'Ann',      'right',    REJECTED],
  ['a name with a space',           ' ann',     'right',    REJECTED],
  ['a name with an accent',         'ren\u00e9',  'right', 'ren\u00e9'],
  ['the same, otherwise composed',  'rene\u0301', 'right', REJECTED],
  ['a name that objects have',      '__proto__', 'right',   REJECTED],
  ['a malformed hash',              'mal',      'right',    REJECTED],
  ['the malformed hash itself',     'mal',      'garbage',  REJECTED],
])('%s', async (_says, name, password, expected) => {
  const { directory, signIn } = setUp()
  directory.put('mal', 'garbage')
  directory.put('ren\u00e9', fakeHash('right'))
  expect(await signIn(name, password)).toBe(expected)
})

test('a refusal says neither what was wrong nor whose', async () => {
  const { authenticator } = setUp()
  const refusal = async (name: string) => {
    const { code, status, message, headers, cause } = (await authenticator.authenticate({ kind: 'password', name, password: 'wrong' })) as AuthError
    return { code, status, message, headers, cause }
  }
  expect(await refusal('ann')).toEqual(await refusal('nobody'))
  expect(await refusal('ann')).toMatchObject({ status: 401, message: 'authorization failed', cause: undefined })
})

test('a subscription token that nobody has is refused', async () => {
  const { authenticator } = setUp()
  const answer = await authenticator.authenticate({ kind: 'subscription', token: 'right' })
  expect(answer).toMatchObject({ code: REJECTED, status: 401, message: 'invalid subscription token' })
})

describe('a remembered user', () => {
  test('is known at once, without promise, directory or hasher', async () => {
    const { directory, hasher, signIn, atOnce } = setUp()
    await signIn('ann', 'right')
    directory.hold()
    hasher.hold()
    for (let i = 0; i < 100; i++) expect(atOnce('ann', 'right')).toBe('ann')
    expect([directory.asked.length, hasher.work.length]).toEqual([1, 1])
  })

  test('is so with that password only', async () => {
    const { hasher, signIn, atOnce } = setUp()
    await signIn('ann', 'right')
    expect(atOnce('ann', 'wrong')).toBeUndefined()
    expect(await signIn('ann', 'wrong')).toBe(REJECTED)
    expect(hasher.work.length).toBe(2)
  })

  test('is not hashed again because the account was asked for again', async () => {
    const { now, directory, hasher, signIn } = setUp()
    for (let i = 0; i < 10; i++, now.advance(INTERVAL)) expect(await signIn('ann', 'right')).toBe('ann')
    expect([directory.asked.length, hasher.work.length]).toEqual([10, 1])
  })

  test('signs in though the hasher is full of others\' wrong passwords', async () => {
    const { now, hasher, signIn } = setUp()
    await signIn('ann', 'right')
    hasher.full = true
    expect(await signIn('ann', 'wrong')).toBe('ERR_BUSY')
    expect(await signIn('nobody', 'wrong')).toBe('ERR_BUSY')
    expect(await signIn('ann', 'right')).toBe('ann')
    now.advance(INTERVAL)
    expect(await signIn('ann', 'right')).toBe('ann')
  })

  test('is not what they may do: that is decided for each request', async () => {
    const { directory, authenticator } = setUp()
    directory.put('ann', fakeHash('right'), ['ReadData'])
    const credentials = { kind: 'password', name: 'ann', password: 'right' } as const
    await authenticator.authenticate(credentials)
    const user = (await authenticator.authenticate(credentials)) as User
    expect(isAuthorized(user, { resource: '/database', privilege: READ })).toBe(true)
    expect(isAuthorized(user, { resource: '/database', privilege: DELETE })).toBe(false)
  })

  test('is one of one directory: the same name and password elsewhere are not', async () => {
    const one = setUp()
    const other = setUp()
    other.directory.put('ann', fakeHash('else'))
    await one.signIn('ann', 'right')
    await other.signIn('ann', 'else')
    expect([one.atOnce('ann', 'right'), other.atOnce('ann', 'right')]).toEqual(['ann', undefined])
    expect(await other.signIn('ann', 'right')).toBe(REJECTED)
  })
})

describe('a herd', () => {
  const herd = async ({ authenticator }: ReturnType<typeof setUp>, password: string) => {
    const credentials = { kind: 'password', name: 'ann', password } as const
    const answers = await Promise.all(Array.from({ length: 10_000 }, () => outcome(authenticator.authenticate(credentials))))
    return [...new Set(answers)]
  }

  test.each<[string, boolean, string, string[]]>([
    // says                                  digest  password  expected
    ['of one new user',                      true,   'right',  ['ann']],
    ['of one new user, without digest',      false,  'right',  ['ann']],
    ['of one wrong password',                true,   'wrong',  [REJECTED]],
    ['of one wrong password, no digest',     false,  'wrong',  [REJECTED]],
  ])('%s is one look-up and one comparison', async (_says, digest, password, expected) => {
    const all = setUp({ passwords: { digest } })
    expect(await herd(all, password)).toEqual(expected)
    expect([all.directory.asked.length, all.hasher.work.length]).toEqual([1, 1])
  })

  test('of one new user makes one local hash', async () => {
    const all = setUp({ passwords: { digest: false, bcryptCost: 4 } })
    await herd(all, 'right')
    await settle()
    expect(all.hasher.made).toEqual([4])
  })

  test('of one user without a hash is one question', async () => {
    const all = setUp()
    all.directory.put('ann', '', [], 'right')
    expect(await herd(all, 'right')).toEqual(['ann'])
    expect([all.directory.asked.length, all.directory.checked.length]).toEqual([1, 1])
  })

  test('of an unknown user is one look-up', async () => {
    const all = setUp()
    all.directory.remove('ann')
    expect(await herd(all, 'right')).toEqual([REJECTED])
    expect([all.directory.asked.length, all.hasher.work.length]).toEqual([1, 1])
  })

  test('without caching is one look-up and one comparison too', async () => {
    const all = setUp({ cache: { expiration: 0 } })
    expect(await herd(all, 'right')).toEqual(['ann'])
    expect([all.directory.asked.length, all.hasher.work.length]).toEqual([1, 1])
  })
})

describe('known and unknown users cannot be told apart', () => {
  test.each([
    // says                        one            other         work
    ['two unknown users',          'nobody',      'no one',     2],
    ['two known users',            'ann',         'bob',        2],
    ['an unknown user and one who is known', 'nobody', 'ann',   2],
    ['one unknown user, twice',    'nobody',      'nobody',     1],
    ['one known user, twice',      'ann',         'ann',        1],
  ])('%s: simultaneous wrong passwords', async (_says, one, other, work) => {
    const { directory, hasher, signIn } = setUp()
    directory.put('bob', fakeHash('right'))
    hasher.hold()
    const both = [signIn(one, 'wrong'), signIn(other, 'wrong')]
    await settle()
    hasher.release()
    expect(await Promise.all(both)).toEqual([REJECTED, REJECTED])
    expect(hasher.work.map(({ cost }) => cost)).toEqual(Array(work).fill(10))
  })

  test.each<[string, string | undefined]>([
    ['unknown user',            undefined],
    ['wrong password',          fakeHash('right')],
    ['malformed hash',          'garbage'],
    ['user without a hash',     ''],
  ])('%s: the same work and the same look-ups, try for try', async (_says, hash) => {
    const { now, directory, hasher, signIn } = setUp()
    if (hash !== undefined) directory.put('x', hash)
    const seen: [number, number][] = []
    for (let i = 0; i < 6; i++, now.advance(LOOKUP / 2 + 1)) {
      expect(await signIn('x', 'wrong')).toBe(REJECTED)
      seen.push([directory.asked.length, hasher.rounds() / 2 ** 10])
    }
    expect(seen).toEqual([[1, 1], [1, 2], [2, 3], [2, 4], [3, 5], [3, 6]])
  })
})

describe('a wrong password', () => {
  test('causes at most one look-up in the look-up interval', async () => {
    const { now, directory, signIn } = setUp()
    for (let i = 0; i < 1_000; i++, now.advance(LOOKUP / 100)) await signIn('ann', `wrong${i}`)
    expect(directory.asked.length).toBe(10)
  })

  test('hurts no right one: a thousand tries, and ann is at once known, or signs in', async () => {
    const { directory, cache, signIn, atOnce } = setUp()
    directory.put('bob', fakeHash('right'))
    await signIn('ann', 'right')
    for (let i = 0; i < 1_000; i++) {
      await signIn('ann', `wrong${i}`)
      await signIn('bob', `wrong${i}`)
      await signIn(`nobody${i}`, 'wrong')
    }
    expect(atOnce('ann', 'right')).toBe('ann')
    expect(await signIn('bob', 'right')).toBe('bob')
    expect(cache.size).toBe(2)
  })

  test('for unknown names drives out nobody', async () => {
    const { directory, cache, hasher, signIn, atOnce } = setUp({ cache: { max: 2 } })
    directory.put('bob', fakeHash('right'))
    await signIn('ann', 'right')
    await signIn('bob', 'right')
    for (let i = 0; i < 10; i++) {
      const names = Array.from({ length: 1_000 }, (_, n) => `nobody${i * 1_000 + n}`)
      await Promise.all(names.map((name) => signIn(name, 'wrong')))
    }
    expect([atOnce('ann', 'right'), atOnce('bob', 'right')]).toEqual(['ann', 'bob'])
    expect(cache.size).toBe(2)
    expect(hasher.work.length).toBe(10_002)
  })
})

describe('a cache that is full', () => {
  test('drops one user at a time: the others are not hashed again', async () => {
    const { directory, hasher, signIn } = setUp({ cache: { max: 100 } })
    const names = Array.from({ length: 101 }, (_, i) => `user${i}`)
    for (const name of names) directory.put(name, fakeHash('right'))
    for (const name of names) await signIn(name, 'right')
    const before = hasher.work.length
    for (const name of names.slice(1)) expect(await signIn(name, 'right')).toBe(name)
    expect(hasher.work.length).toBe(before)
    await signIn('user0', 'right')
    expect(hasher.work.length).toBe(before + 1)
  })
})

describe('a change at the directory', () => {
  for (const watch of [true, false]) {
    describe(watch ? 'that tells its changes, takes effect at once' : 'takes effect within the interval', () => {
      const change = (all: ReturnType<typeof setUp>, work: () => void) => {
        work()
        if (!watch) all.now.advance(INTERVAL)
      }

      test('a new password', async () => {
        const all = setUp({ watch })
        await all.signIn('ann', 'right')
        change(all, () => all.directory.put('ann', fakeHash('new')))
        expect(all.atOnce('ann', 'right')).toBeUndefined()
        expect(await all.signIn('ann', 'right')).toBe(REJECTED)
        expect(await all.signIn('ann', 'new')).toBe('ann')
        expect(all.atOnce('ann', 'new')).toBe('ann')
        expect(await all.signIn('ann', 'right')).toBe(REJECTED)
      })

      test('a new permission, which is not worth a bcrypt', async () => {
        const all = setUp({ watch })
        const { directory, authenticator, hasher } = all
        const credentials = { kind: 'password', name: 'ann', password: 'right' } as const
        const { user, hash } = directory.put('ann', fakeHash('right'))
        expect(await authenticator.authenticate(credentials)).toBe(user)
        const changed = { user }
        change(all, () => Object.assign(changed, directory.put('ann', hash, ['ReadData'])))
        expect(await authenticator.authenticate(credentials)).toBe(changed.user)
        expect(changed.user).not.toBe(user)
        expect(hasher.work.length).toBe(1)
      })

      test('a user is removed', async () => {
        const all = setUp({ watch })
        await all.signIn('ann', 'right')
        change(all, () => all.directory.remove('ann'))
        expect(await all.signIn('ann', 'right')).toBe(REJECTED)
      })

      test('a user is removed, and another one has the name', async () => {
        const all = setUp({ watch })
        await all.signIn('ann', 'right')
        change(all, () => {
          all.directory.remove('ann')
          all.directory.put('ann', fakeHash('another'))
        })
        expect(await all.signIn('ann', 'right')).toBe(REJECTED)
        expect(await all.signIn('ann', 'another')).toBe('ann')
      })

      test('a user is created', async () => {
        const all = setUp({ watch })
        expect(await all.signIn('bob', 'right')).toBe(REJECTED)
        change(all, () => all.directory.put('bob', fakeHash('right')))
        expect(await all.signIn('bob', 'right')).toBe('bob')
      })
    })
  }

  test('a new password of a user without a hash takes effect within the interval, however often the account is asked for', async () => {
    const { now, directory, signIn } = setUp()
    directory.put('lea', '', [], 'right')
    await signIn('lea', 'right')
    directory.put('lea', '', [], 'new')
    for (let age = 0; age < INTERVAL; age += INTERVAL / 4, now.advance(INTERVAL / 4)) {
      expect(await signIn('lea', 'right')).toBe('lea')
    }
    expect(await signIn('lea', 'right')).toBe(REJECTED)
    expect(await signIn('lea', 'new')).toBe('lea')
  })

  test('a new password signs in as soon as the directory may be asked again', async () => {
    const { now, directory, signIn } = setUp()
    await signIn('ann', 'right')
    directory.put('ann', fakeHash('new'))
    now.advance(LOOKUP)
    expect(await signIn('ann', 'new')).toBe('ann')
    expect(await signIn('ann', 'right')).toBe(REJECTED)
  })

  test('a new password is not refused because the background is asking just now', async () => {
    const { now, directory, signIn } = setUp()
    await signIn('ann', 'right')
    directory.put('ann', fakeHash('new'))
    now.advance(INTERVAL / 2)
    directory.hold()
    const answer = signIn('ann', 'new')
    await settle()
    directory.release()
    expect(await answer).toBe('ann')
  })

  test.each<[string, string | undefined]>([
    ['one user', 'ann'],
    ['everybody', undefined],
  ])('is asked for at once after forgetting %s', async (_says, name) => {
    const { directory, authenticator, signIn, atOnce } = setUp()
    await signIn('ann', 'right')
    directory.put('ann', fakeHash('new'))
    authenticator.forget(name)
    expect(atOnce('ann', 'right')).toBeUndefined()
    expect(await signIn('ann', 'right')).toBe(REJECTED)
    expect(await signIn('ann', 'new')).toBe('ann')
  })

  test('forgetting everybody does not start a herd of hashes', async () => {
    const { directory, hasher, authenticator, signIn } = setUp()
    const names = Array.from({ length: 1_000 }, (_, i) => `user${i}`)
    for (const name of names) directory.put(name, fakeHash('right'))
    for (const name of names) await signIn(name, 'right')
    authenticator.forget()
    hasher.full = true
    expect(await Promise.all(names.map((name) => signIn(name, 'right')))).toEqual(names)
    expect(directory.asked.length).toBe(2_000)
  })
})

describe('a change during the verification', () => {
  /** `work` happens while the password `offered` is verified. */
  async function during(offered: string, work: (all: ReturnType<typeof setUp>) => void, options?: FakeSignInOptions) {
    const all = setUp(options)
    all.hasher.hold()
    const answer = all.signIn('ann', offered)
    await settle()
    work(all)
    all.hasher.release()
    return { ...all, answer: await answer }
  }

  const changed = ({ directory, authenticator }: ReturnType<typeof setUp>) => {
    directory.put('ann', fakeHash('new'))
    authenticator.forget('ann')
  }

  test('the old password is refused', async () => {
    const { answer, atOnce } = await during('right', changed)
    expect(answer).toBe(REJECTED)
    expect(atOnce('ann', 'right')).toBeUndefined()
  })

  test('the new one is accepted', async () => {
    const { answer, atOnce } = await during('new', changed)
    expect(answer).toBe('ann')
    expect(atOnce('ann', 'new')).toBe('ann')
  })

  test('a user who was removed is refused', async () => {
    const { answer } = await during('right', ({ directory, authenticator }) => {
      directory.remove('ann')
      authenticator.forget('ann')
    })
    expect(answer).toBe(REJECTED)
  })

  test.each<[string, (all: ReturnType<typeof setUp>) => void]>([
    ['forgotten',      ({ authenticator }) => authenticator.forget()],
    ['grown too old',  ({ now }) => now.advance(INTERVAL)],
    ['expired',        ({ now }) => now.advance(EXPIRATION + 1)],
  ])('an account that was only %s is verified once', async (_says, work) => {
    const { answer, hasher, atOnce } = await during('right', work)
    expect(answer).toBe('ann')
    expect(hasher.work.length).toBe(1)
    expect(atOnce('ann', 'right')).toBe('ann')
  })

  test('a privilege that was taken is not there any more', async () => {
    const all = setUp()
    const { hash } = all.directory.put('ann', fakeHash('right'))
    all.hasher.hold()
    const answer = all.authenticator.authenticate({ kind: 'password', name: 'ann', password: 'right' })
    await settle()
    const { user } = all.directory.put('ann', hash, [])
    all.authenticator.forget('ann')
    all.hasher.release()
    expect(await answer).toBe(user)
  })

  test.each([
    // says                                                  changes  expected
    ['an account that changes twice is followed',             2,       'ann'],
    ['one that keeps changing is given up: 503',             3,       'ERR_BUSY'],
  ])('%s', async (_says, changes, expected) => {
    const { hasher, directory, authenticator, signIn } = setUp()
    hasher.hold()
    const answer = signIn('ann', 'right')
    for (let i = 0; i < changes; i++) {
      await settle()
      directory.put('ann', fakeHash('right'))
      authenticator.forget('ann')
      hasher.release(1)
    }
    await settle()
    hasher.release()
    expect(await answer).toBe(expected)
  })

  test('the directory\'s word on a user without a hash is not remembered', async () => {
    const { directory, authenticator, signIn, atOnce } = setUp()
    directory.put('ann', '', [], 'right')
    await signIn('bob', 'wrong')
    directory.hold()
    const answer = signIn('ann', 'right')
    directory.waiting[0]?.answer()
    await settle()
    directory.put('ann', '', [], 'new')
    authenticator.forget('ann')
    directory.release()
    expect(await answer).toBe('ann')
    expect(atOnce('ann', 'right')).toBeUndefined()
    expect(await signIn('ann', 'right')).toBe(REJECTED)
  })
})

describe('while the directory is out of reach', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each([
    // says                                   name       password   expected
    ['a remembered user signs in',            'ann',     'right',   'ann'],
    ['a known one as well, for the first time', 'bob',   'right',   'bob'],
    ['a user without a hash signs in again',  'lea',     'right',   'lea'],
    ['a wrong password cannot be told',       'ann',     'wrong',   UNAVAILABLE],
    ['nor one for a user without a hash',     'lea',     'wrong',   UNAVAILABLE],
    ['nor a user who is not known',           'cid',     'right',   UNAVAILABLE],
    ['nor one whom nobody knows',             'nobody',  'right',   UNAVAILABLE],
  ])('%s', async (_says, name, password, expected) => {
    const { now, directory, signIn } = setUp()
    for (const known of ['bob', 'cid']) directory.put(known, fakeHash('right'))
    directory.put('lea', '', [], 'right')
    await signIn('ann', 'right')
    await signIn('bob', 'wrong')
    await signIn('lea', 'right')
    directory.down = true
    for (let age = INTERVAL; age < EXPIRATION; age += INTERVAL) {
      now.advance(INTERVAL)
      expect(await signIn(name, password)).toBe(expected)
    }
    now.advance(INTERVAL + 1)
    expect(await signIn(name, password)).toBe(UNAVAILABLE)
  })

  test('users without a hash sign in no longer than others, though the account itself can be looked up', async () => {
    const { now, directory, signIn } = setUp()
    directory.put('lea', '', [], 'right')
    await signIn('lea', 'right')
    directory.checkPassword = () => Promise.reject(new AuthError('ERR_META_UNAVAILABLE', 'LDAP is down'))
    for (let age = INTERVAL; age < EXPIRATION; age += INTERVAL) {
      now.advance(INTERVAL)
      expect(await signIn('lea', 'right')).toBe('lea')
    }
    now.advance(INTERVAL)
    expect(await signIn('lea', 'right')).toBe(UNAVAILABLE)
  })

  test('once it is back, everything is as before', async () => {
    const { now, directory, signIn } = setUp()
    await signIn('ann', 'right')
    directory.down = true
    now.advance(INTERVAL)
    await signIn('ann', 'right')
    expect(await signIn('bob', 'right')).toBe(UNAVAILABLE)
    directory.put('bob', fakeHash('right'))
    directory.put('ann', fakeHash('new'))
    directory.down = false
    now.advance(INTERVAL)
    expect(await signIn('bob', 'right')).toBe('bob')
    expect(await signIn('ann', 'right')).toBe(REJECTED)
    expect(await signIn('ann', 'new')).toBe('ann')
  })
})

describe('with an expiration of 0', () => {
  test('every request asks and hashes', async () => {
    const { directory, hasher, cache, signIn } = setUp({ cache: { expiration: 0 }, passwords: { expiration: 0 } })
    for (let i = 0; i < 3; i++) expect(await signIn('ann', 'right')).toBe('ann')
    for (let i = 0; i < 3; i++) expect(await signIn('ann', 'wrong')).toBe(REJECTED)
    expect([directory.asked.length, hasher.work.length, hasher.made.length, cache.size]).toEqual([6, 6, 0, 0])
  })

  test('no local hash is made either', async () => {
    const { hasher, signIn } = setUp({ cache: { expiration: 0 }, passwords: { digest: false, bcryptCost: 4 } })
    await signIn('ann', 'right')
    await settle()
    expect(hasher.made).toEqual([])
  })

  test('an outage is an outage', async () => {
    const { directory, signIn } = setUp({ cache: { expiration: 0 }, passwords: { expiration: 0 } })
    directory.put('lea', '', [], 'right')
    await signIn('ann', 'right')
    await signIn('lea', 'right')
    directory.down = true
    expect([await signIn('ann', 'right'), await signIn('lea', 'right')]).toEqual([UNAVAILABLE, UNAVAILABLE])
  })
})

describe('a header that was found good is recalled', () => {
  const HEADER = 'Basic YW5uOnJpZ2h0'

  /** `ann` has signed in with that header. */
  async function setUpRecall(options: FakeSignInOptions = {}, hash = fakeHash('right')) {
    const all = setUp(options)
    all.directory.put('ann', hash, [], 'right')
    const signIn = (password = 'right', header = HEADER) =>
      outcome(all.authenticator.authenticate({ kind: 'password', name: 'ann', password }, header))
    const recalled = (header = HEADER) => all.authenticator.recall?.(header)?.name
    return { ...all, signIn, recalled, first: await signIn() }
  }

  test('at once', async () => {
    const { first, recalled, directory, hasher } = await setUpRecall()
    expect(first).toBe('ann')
    for (let i = 0; i < 10; i++) expect(recalled()).toBe('ann')
    expect([directory.asked.length, hasher.work.length]).toEqual([1, 1])
  })

  test('no other one', async () => {
    const { recalled } = await setUpRecall()
    for (const header of ['', 'Basic', `${HEADER}=`, 'basic YW5uOnJpZ2h0', 'Bearer YW5uOnJpZ2h0']) expect(recalled(header)).toBeUndefined()
  })

  test('not one with a wrong password', async () => {
    const { signIn, recalled } = await setUpRecall()
    expect(await signIn('wrong', 'Basic wrong')).toBe(REJECTED)
    expect(recalled('Basic wrong')).toBeUndefined()
    expect(recalled()).toBe('ann')
  })

  test('also when the digest was known before the header', async () => {
    const { signIn, recalled } = await setUpRecall()
    expect(recalled('basic YW5uOnJpZ2h0')).toBeUndefined()
    expect(await signIn('right', 'basic YW5uOnJpZ2h0')).toBe('ann')
    expect(recalled('basic YW5uOnJpZ2h0')).toBe('ann')
  })

  test.each([
    // says                    change
    ['the user was forgotten', ({ authenticator }: ReturnType<typeof setUp>) => authenticator.forget('ann')],
    ['all were forgotten',     ({ authenticator }: ReturnType<typeof setUp>) => authenticator.forget()],
    ['the answer is too old',  ({ now }: ReturnType<typeof setUp>) => now.advance(INTERVAL)],
  ])('not when %s, until the account was asked for', async (_says, change) => {
    const all = await setUpRecall()
    change(all)
    expect(all.recalled()).toBeUndefined()
    expect(await all.signIn()).toBe('ann')
    expect(all.recalled()).toBe('ann')
  })

  test('not when the password is another one, nor when the old one is back but not yet verified', async () => {
    const { authenticator, directory, signIn, recalled } = await setUpRecall()
    directory.put('ann', fakeHash('other'))
    authenticator.forget('ann')
    expect(await signIn('other', 'Basic other')).toBe('ann')
    expect(recalled()).toBeUndefined()
    expect(recalled('Basic other')).toBe('ann')
    directory.put('ann', fakeHash('right'))
    authenticator.forget('ann')
    expect(await signIn('wrong', 'Basic wrong')).toBe(REJECTED)
    expect(recalled()).toBeUndefined()
  })

  test('not for ever, where only the directory can tell', async () => {
    const { now, recalled } = await setUpRecall({ passwords: { revalidateInterval: 1_000 } }, '')
    now.advance(999)
    expect(recalled()).toBe('ann')
    now.advance(1)
    expect(recalled()).toBeUndefined()
  })

  test('not with the digest off, nor without a cache', async () => {
    expect((await setUpRecall({ passwords: { digest: false } })).recalled()).toBeUndefined()
    expect((await setUpRecall({ cache: { expiration: 0 } })).recalled()).toBeUndefined()
  })
})

describe('a bearer token', () => {
  /** Takes tokens that say whose they are; one is bad. */
  function setUpTokens(options: FakeSignInOptions = {}) {
    const verified: string[] = []
    const tokens = createTokenCheck(async (token) => {
      verified.push(token)
      return token === 'bad' ? new AuthError('ERR_TOKEN_INVALID', 'bad') : { username: token, expiresAt: Number.POSITIVE_INFINITY }
    })
    return { ...setUp({ ...options, tokens }), verified }
  }

  test.each([
    // says                token      expected
    ['of a user',          'ann',     'ann'],
    ['of an unknown user', 'nobody',  REJECTED],
    ['that is bad',        'bad',     'ERR_TOKEN_INVALID'],
  ])('%s', async (_says, token, expected) => {
    expect(await setUpTokens().bearer(token)).toBe(expected)
  })

  test('without a secret is refused', async () => {
    const { bearer, directory } = setUp()
    expect(await bearer('ann')).toBe('ERR_TOKEN_INVALID')
    expect(directory.asked).toEqual([])
  })

  test('is verified once, and known at once from then on', async () => {
    const { authenticator, bearer, verified } = setUpTokens()
    await bearer('ann')
    expect(authenticator.authenticate({ kind: 'bearer', token: 'ann' })).toMatchObject({ name: 'ann' })
    expect(verified).toEqual(['ann'])
  })

  test('of a user who was removed is refused, though it was remembered', async () => {
    const { now, directory, bearer } = setUpTokens()
    expect(await bearer('ann')).toBe('ann')
    directory.remove('ann')
    now.advance(INTERVAL)
    expect(await bearer('ann')).toBe(REJECTED)
  })

  test('is refused at once where the directory tells', async () => {
    const { directory, bearer } = setUpTokens({ watch: true })
    expect(await bearer('ann')).toBe('ann')
    directory.remove('ann')
    expect(await bearer('ann')).toBe(REJECTED)
  })

  test('costs no hashing, whosever it is', async () => {
    const { hasher, bearer } = setUpTokens()
    for (const token of ['ann', 'nobody', 'bad']) await bearer(token)
    expect(hasher.work).toEqual([])
  })

  test('of a user who is not known cannot be judged while the directory is out of reach', async () => {
    const { directory, bearer } = setUpTokens()
    directory.down = true
    expect(await bearer('ann')).toBe(UNAVAILABLE)
  })
})

test('only tokens know the time of day: setting the clock changes nothing else', () => {
  const room = resolve(import.meta.dirname, '../../src/authn')
  const knowing = readdirSync(room, { recursive: true, encoding: 'utf8' }).filter((file) => /\.[jt]s$/.test(file) && /\bDate\b/.test(readFileSync(join(room, file), 'utf8')))
  expect(knowing.filter((file) => !file.startsWith('token-'))).toEqual([])
})

test('with a real hasher', async () => {
  const hasher = createBcryptPool({ threads: 2 })
  try {
    for (const digest of [true, false]) {
      const directory = createManualDirectory({ watch: true })
      const cache = createCredentialCache(directory)
      const passwords = createPasswordCheck(directory, hasher, { digest, bcryptCost: 4 })
      const authenticator = createAuthenticator({ cache, passwords })
      const signIn = (name: string, password: string) => outcome(authenticator.authenticate({ kind: 'password', name, password }))
      directory.put('ann', await hasher.hash('right', 4))
      directory.put('bob', (await hasher.hash('right', 5)).replace('$2b$', '$2y$'))
      for (const name of ['ann', 'bob']) {
        expect(await Promise.all([signIn(name, 'right'), signIn(name, 'right'), signIn(name, 'wrong')])).toEqual([name, name, REJECTED])
        expect([await signIn(name, 'right'), await signIn(name, 'wrong')]).toEqual([name, REJECTED])
      }
      directory.put('ann', await hasher.hash('new', 4))
      expect([await signIn('ann', 'right'), await signIn('ann', 'new'), await signIn('nobody', 'x')]).toEqual([REJECTED, 'ann', REJECTED])
    }
  } finally {
    await hasher.close()
  }
})

describe('whatever happens, and in whatever order', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each([
    // says                                          watch  digest  expiration
    ['a directory that is asked again',              false, true,   60_000],
    ['a directory that is asked again, no digest',   false, false,  60_000],
    ['a directory that tells its changes',           true,  true,   60_000],
    ['nothing remembered',                           false, true,   0],
  ])('%s: the promises are kept', async (_says, watch, digest, expiration) => {
    const withHash = ['ann', 'bob']
    const withoutHash = watch ? [] : ['lea']
    const commands = commandsOf(withHash, withoutHash)
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        vi.clearAllTimers()
        const world = createFakeWorld({ watch, digest, expiration })
        for (const name of withHash) world.setPassword(name, 'p1')
        for (const name of withoutHash) world.setPassword(name, 'p1', false)
        await fc.asyncModelRun(() => ({ model: {}, real: world }), steps)
        await world.finish()
        expect(brokenPromises(world)).toEqual([])
      }),
      { numRuns: Number(process.env.RUNS ?? 200) }, // RUNS=10000 for a night
    )
  }, 3_600_000)
})

describe('an address that is wrong too often', () => {
  const [A, B] = ['192.0.2.1', '192.0.2.2']

  async function spent(options: FakeSignInOptions = {}) {
    const all = createFakeSignIn({ attempts: { burst: 3, interval: 1_000_000 }, ...options })
    all.directory.put('ann', fakeHash('right'))
    all.directory.put('bob', fakeHash('right'))
    all.directory.put('lea', '', [], 'right')
    expect([await all.signIn('ann', 'right', A), await all.signIn('lea', 'right', A)]).toEqual(['ann', 'lea'])
    for (let i = 0; i < 3; i++) expect(await all.signIn(`nobody-${i}`, 'wrong', A)).toBe('ERR_CREDENTIALS_REJECTED')
    return all
  }

  test.each([
    // says                                          name       password  origin     outcome
    ['another wrong password is not looked into',    'ann',     'wrong',  A,         'ERR_TOO_MANY_ATTEMPTS'],
    ['nor another name',                             'nobody',  'wrong',  A,         'ERR_TOO_MANY_ATTEMPTS'],
    ['nor a right one that nobody remembers',        'bob',     'right',  A,         'ERR_TOO_MANY_ATTEMPTS'],
    ['a remembered user is let in',                  'ann',     'right',  A,         'ann'],
    ['and so is everybody from elsewhere',           'bob',     'right',  B,         'bob'],
    ['who may be wrong',                             'ann',     'wrong',  B,         'ERR_CREDENTIALS_REJECTED'],
    ['where nobody knows from where, there is no limit', 'bob', 'wrong',  undefined, 'ERR_CREDENTIALS_REJECTED'],
  ])('%s', async (_says, name, password, origin, expected) => {
    const { signIn, directory, hasher } = await spent()
    const before = [directory.asked.length, hasher.work.length]
    expect(await signIn(name, password, origin)).toBe(expected)
    if (expected === 'ERR_TOO_MANY_ATTEMPTS') expect([directory.asked.length, hasher.work.length]).toEqual(before)
  })

  test.each([
    ['who is only overdue',                    'ann'],
    ['on whom the directory is asked again',   'lea'],
  ])('a remembered user %s is let in', async (_says, name) => {
    const { now, signIn } = await spent()
    now.advance(60_000)
    expect(await signIn(name, 'right', A)).toBe(name)
  })

  test('a herd of a new user is one look-up and one hash, from one address or from many', async () => {
    for (const originOf of [() => A, (i: number) => `o${i}`]) {
      const { directory, hasher, signIn } = createFakeSignIn({ attempts: {} })
      directory.put('ann', fakeHash('right'))
      const all = await Promise.all(Array.from({ length: 10_000 }, (_, i) => signIn('ann', 'right', originOf(i))))
      expect(new Set(all)).toEqual(new Set(['ann']))
      expect([directory.asked.length, hasher.work.length]).toEqual([1, 1])
    }
  })

  test('look-ups of unknown names are as many at a time as attempts are', async () => {
    const { directory, signIn } = createFakeSignIn({ attempts: { concurrent: 4 } })
    directory.hold()
    const all = Array.from({ length: 100 }, (_, i) => signIn(`nobody-${i}`, 'wrong', A))
    await settle()
    expect(directory.asked.length).toBe(4)
    directory.release()
    await Promise.all(all)
    expect(directory.asked.length).toBe(50)
  })
})
