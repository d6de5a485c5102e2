import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CachedAccount, createCachedAccount } from '../../src/authn/cache/cached-account.js'
import { createAccount } from '../../src/authn/directory/account.js'
import { createBcryptPool } from '../../src/authn/passwords/bcrypt-pool.js'
import { createPasswordCheck, type PasswordCheckOptions } from '../../src/authn/passwords/password-check.js'
import type { HashCost } from '../../src/authn/passwords/password-hash.js'
import { AuthError } from '../../src/errors.js'
import { createFakeHasher, fakeHash } from '../support/fake-hasher.js'
import { createManualClock, settle } from '../support/manual-clock.js'
import { createManualDirectory } from '../support/manual-directory.js'

const INTERVAL = 10_000
const EXPIRATION = 60_000

function setUp(options: PasswordCheckOptions = {}) {
  const now = createManualClock()
  const directory = createManualDirectory()
  const hasher = createFakeHasher()
  const check = createPasswordCheck(directory, hasher, { now, revalidateInterval: INTERVAL, expiration: EXPIRATION, ...options })
  const ask = async (cached: CachedAccount, password: string) => {
    const right = await check.isRight(cached, password)
    if (right) check.remember(cached, password)
    return right
  }
  return { now, directory, hasher, check, ask }
}

const cachedAccount = (hash: string, name = 'ann') => createCachedAccount(createAccount(name, hash, new Map()))

test.each<[keyof PasswordCheckOptions, number]>([
  ['bcryptCost',         3],
  ['bcryptCost',         15],
  ['bcryptCost',         10.5],
  ['bcryptCost',         Number.NaN],
  ['revalidateInterval', 0],
  ['revalidateInterval', Number.NaN],
  ['expiration',         -1],
])('an option out of range is named: %s %d', (name, value) => {
  expect(() => setUp({ [name]: value })).toThrow(new RegExp(`^${name} must`))
})

describe('the password decides, and nothing that was derived from it', () => {
  const hash = fakeHash('Pa5sw0Rd')

  test.each([
    // says                              offered                 expected
    ['the password',                     'Pa5sw0Rd',             true],
    ['another',                          'Pa5sw0Re',             false],
    ['the password and more',            'Pa5sw0Rd ',            false],
    ['a part of it',                     'Pa5sw0R',              false],
    ['in another case',                  'pa5sw0rd',             false],
    ['the stored hash',                  hash,                   false],
    ['the digest\'s bytes',              'the digest as latin1', false],
    ['the digest in hex',                'the digest as hex',    false],
    ['what stands for no hash',          '*',                    false],
    ['the decoy',                        'decoy',                false],
  ])('%s', async (_says, offered, expected) => {
    const { ask, check } = setUp()
    const cached = cachedAccount(hash)
    await ask(cached, 'Pa5sw0Rd')
    const digest = cached.digest as string
    const password = { 'the digest as latin1': digest, 'the digest as hex': Buffer.from(digest, 'latin1').toString('hex') }[offered] ?? offered
    expect(check.isRemembered(cached, password)).toBe(expected)
    expect(await check.isRight(cached, password)).toBe(expected)
  })

  test('of tuples that only look alike when joined, none stands for another', () => {
    const { check } = setUp()
    const text = fc.string({ unit: fc.constantFrom('a', ':', '\0', 'é'), maxLength: 2 })
    const tuple = fc.tuple(text, text, text)
    fc.assert(fc.property(tuple, tuple, ([name, hash, password], other) => {
      const mine = cachedAccount(`$${hash}`, name)
      const theirs = cachedAccount(`$${other[1]}`, other[0])
      check.remember(theirs, other[2])
      mine.digest = theirs.digest
      expect(check.isRemembered(mine, password)).toBe([name, hash, password].every((part, i) => part === other[i]))
    }), { numRuns: 3_000 })
  })

  test('a digest of one process is worth nothing in another', async () => {
    const here = setUp()
    const there = setUp()
    const cached = cachedAccount(hash)
    await here.ask(cached, 'Pa5sw0Rd')
    expect(there.check.isRemembered(cached, 'Pa5sw0Rd')).toBe(false)
  })
})

describe('nobody can tell by the time it takes', () => {
  type Kind = [says: string, hash: string | undefined, localHash?: string]
  const kinds = (costs: number[]): Kind[] => [
    ['unknown user',                   undefined],
    ['malformed hash',                 'garbage'],
    ['hash of another kind',           'bcrypt:2:$2a$10$abcdefghijklmnopqrstuv'],
    ['hash with a forbidden prefix',   fakeHash('x').replace('$2b$', '$2x$')],
    ['hash with a forbidden cost',     fakeHash('x', 15)],
    ['user without a hash',            ''],
    ...costs.map((cost): Kind => [`wrong password at cost ${cost}`, fakeHash('right', cost)]),
  ]

  test.each([
    // says                            own cost  seen before  slowest
    ['at the usual cost',              10,       undefined,   10],
    ['where less is configured',       4,        undefined,   10],
    ['where more is configured',       12,       undefined,   12],
    ['once a slower account was seen', 10,       13,          13],
  ])('%s: as many rounds for each', async (_says, bcryptCost, seen, slowest) => {
    const rounds: [string, number][] = []
    for (const [says, hash] of kinds([4, 8, 10, slowest])) {
      const { hasher, check } = setUp({ bcryptCost })
      if (seen) await check.isRight(cachedAccount(fakeHash('x', seen), 'slow'), 'x')
      const before = hasher.rounds()
      if (hash === undefined) await check.checkUnknown('nobody', 'wrong')
      else expect(await check.isRight(cachedAccount(hash), 'wrong')).toBe(false)
      rounds.push([says, hasher.rounds() - before])
    }
    expect(rounds).toEqual(rounds.map(([says]) => [says, 2 ** slowest]))
  })

  const SHA256 = { kind: 'pbkdf2-sha256', rounds: 29_000 } as const
  const SHA512 = { kind: 'pbkdf2-sha512', rounds: 1_000 } as const

  test.each<[says: string, seen: HashCost[], bcrypt: number, sha256: number, sha512: number]>([
    // says                                seen                                     bcrypt   SHA-256  SHA-512
    ['while all have bcrypt',              [10],                                    2 ** 10, 0,       0],
    ['once a hash by SHA-256 was seen',    [SHA256],                                2 ** 10, 29_000,  0],
    ['once each was seen',                 [SHA256, SHA512, 12],                    2 ** 12, 29_000,  1_000],
    ['the slowest of each',                [SHA256, { ...SHA256, rounds: 90_000 }], 2 ** 10, 90_000,  0],
  ])('%s: as many rounds of each kind for each, in one turn', async (_says, seen, ...slowest) => {
    const others: HashCost[] = [4, 10, { ...SHA256, rounds: 1 }, ...seen].filter((cost) => typeof cost === 'number' || seen.includes(SHA256))
    const all = [...kinds([]), ...others.map((cost): Kind => [JSON.stringify(cost), fakeHash('right', cost)])]
    const spent: unknown[] = []
    for (const [says, hash] of all) {
      const { hasher, check } = setUp()
      for (const cost of seen) await check.isRight(cachedAccount(fakeHash('x', cost), 'slow'), 'x')
      const rounds = () => [hasher.rounds(), hasher.rounds('pbkdf2-sha256'), hasher.rounds('pbkdf2-sha512'), hasher.turns]
      const before = rounds()
      if (hash === undefined) await check.checkUnknown('nobody', 'wrong')
      else expect(await check.isRight(cachedAccount(hash), 'wrong')).toBe(false)
      spent.push([says, ...rounds().map((value, i) => value - (before[i] as number))])
    }
    expect(spent).toEqual(all.map(([says]) => [says, ...slowest, 1]))
  })

  test('a right password pays for nothing but its own hash', async () => {
    const { hasher, check } = setUp()
    await check.isRight(cachedAccount(fakeHash('x', 13), 'slow'), 'x')
    const before = [hasher.rounds(), hasher.rounds('pbkdf2-sha256')]
    expect(await check.isRight(cachedAccount(fakeHash('right', SHA256)), 'right')).toBe(true)
    expect([hasher.rounds(), hasher.rounds('pbkdf2-sha256')]).toEqual([before[0], 29_000])
  })

  test('who asks is told to the hasher', async () => {
    const { hasher, check } = setUp()
    await check.isRight(cachedAccount(fakeHash('right')), 'right', { origin: '192.0.2.1', name: 'ann' })
    await check.checkUnknown('nobody', 'wrong', { origin: '192.0.2.2', name: 'nobody' })
    expect(hasher.work.map(({ requester }) => requester?.origin)).toEqual(['192.0.2.1', '192.0.2.2'])
  })

  test('one comparison for each, at one cost', async () => {
    for (const [, hash] of kinds([10])) {
      const { hasher, check } = setUp()
      if (hash === undefined) await check.checkUnknown('nobody', 'wrong')
      else await check.isRight(cachedAccount(hash), 'wrong')
      expect(hasher.work.map(({ cost }) => cost)).toEqual([10])
    }
  })

  test('a local hash saves time for the right password only', async () => {
    const { hasher, check, ask } = setUp({ digest: false, bcryptCost: 4 })
    const cached = cachedAccount(fakeHash('right', 10))
    await ask(cached, 'right')
    await settle()
    expect(cached.localHash).toBeDefined()
    let before = hasher.rounds()
    await check.isRight(cached, 'right')
    expect(hasher.rounds() - before).toBe(2 ** 4)
    before = hasher.rounds()
    await check.isRight(cached, 'wrong')
    expect(hasher.rounds() - before).toBe(2 ** 10)
  })

  test.each<[string, boolean]>([
    ['a known user',    true],
    ['an unknown user', false],
  ])('simultaneous tries of one password of %s share a check', async (_says, known) => {
    const { hasher, check } = setUp()
    const cached = cachedAccount(fakeHash('right'))
    hasher.hold()
    const tries = Array.from({ length: 50 }, () => (known ? check.isRight(cached, 'wrong') : check.checkUnknown('nobody', 'wrong')))
    hasher.release()
    await Promise.all(tries)
    expect(hasher.work.length).toBe(1)
  })

  test.each([
    // says                                       one                  other                checks
    ['two passwords of a known user',             ['ann', 'one'],      ['ann', 'two'],      2],
    ['two known users',                           ['ann', 'one'],      ['bob', 'one'],      2],
    ['two passwords of an unknown user',          ['nobody', 'one'],   ['nobody', 'two'],   2],
    ['two unknown users',                         ['nobody', 'one'],   ['no one', 'one'],   2],
    ['unknown users whose tuples look alike',     ['a', 'bc'],         ['ab', 'c'],         2],
    ['a known and an unknown user',               ['ann', 'one'],      ['nobody', 'one'],   2],
  ])('%s share none', async (_says, one, other, checks) => {
    const { hasher, check } = setUp()
    const known = new Map(['ann', 'bob'].map((name) => [name, cachedAccount(fakeHash('right'), name)]))
    hasher.hold()
    const tries = [one, other].map(([name = '', password = '']) => {
      const cached = known.get(name)
      return cached ? check.isRight(cached, password) : check.checkUnknown(name, password)
    })
    hasher.release()
    await Promise.all(tries)
    expect(hasher.work.length).toBe(checks)
  })

  test('a check that was shared is over when it is over', async () => {
    const { hasher, check } = setUp()
    await check.checkUnknown('nobody', 'wrong')
    await check.checkUnknown('nobody', 'wrong')
    const cached = cachedAccount(fakeHash('right'))
    await check.isRight(cached, 'wrong')
    await check.isRight(cached, 'wrong')
    expect(hasher.work.length).toBe(4)
  })
})

describe('a remembered password never waits', () => {
  test('for the hasher', async () => {
    const { hasher, check, ask } = setUp()
    const cached = cachedAccount(fakeHash('right'))
    await ask(cached, 'right')
    hasher.hold()
    expect(check.isRemembered(cached, 'right')).toBe(true)
    expect(await check.isRight(cached, 'right')).toBe(true)
    expect(hasher.work.length).toBe(1)
  })

  test('though the hasher is full; others are told to try again', async () => {
    const { hasher, check, ask } = setUp()
    const cached = cachedAccount(fakeHash('right'))
    await ask(cached, 'right')
    hasher.full = true
    expect(await check.isRight(cached, 'right')).toBe(true)
    await expect(check.isRight(cached, 'wrong')).rejects.toMatchObject({ code: 'ERR_BUSY' })
    await expect(check.checkUnknown('nobody', 'wrong')).rejects.toMatchObject({ code: 'ERR_BUSY' })
    hasher.full = false
    expect(await check.isRight(cached, 'wrong')).toBe(false)
  })
})

describe('without digest', () => {
  test('each request costs one bcrypt at the own cost', async () => {
    const { hasher, check, ask } = setUp({ digest: false, bcryptCost: 4 })
    const cached = cachedAccount(fakeHash('right', 10))
    for (let i = 0; i < 5; i++) {
      expect(await ask(cached, 'right')).toBe(true)
      await settle()
      expect(check.isRemembered(cached, 'right')).toBe(false)
    }
    expect(hasher.work.map(({ cost }) => cost)).toEqual([10, 4, 4, 4, 4])
    expect(hasher.made).toEqual([4])
    expect(cached.digest).toBeUndefined()
  })

  test('a herd makes one local hash, and nobody waits for it', async () => {
    const { hasher, check, ask } = setUp({ digest: false, bcryptCost: 4 })
    const cached = cachedAccount(fakeHash('right', 10))
    await check.isRight(cached, 'right')
    hasher.hold()
    for (let i = 0; i < 1_000; i++) check.remember(cached, 'right')
    hasher.release()
    await settle()
    expect(hasher.made).toEqual([4])
    expect(await ask(cached, 'right')).toBe(true)
  })

  test('no local hash while the hasher is full: the password was right all the same', async () => {
    const { hasher, ask, check } = setUp({ digest: false, bcryptCost: 4 })
    const cached = cachedAccount(fakeHash('right', 10))
    await check.isRight(cached, 'right')
    hasher.full = true
    check.remember(cached, 'right')
    await settle()
    expect(cached.localHash).toBeUndefined()
    hasher.full = false
    await ask(cached, 'right')
    await settle()
    expect(cached.localHash).toBeDefined()
  })

  test('no local hash where the account\'s own has that cost', async () => {
    const { hasher, ask } = setUp({ digest: false, bcryptCost: 10 })
    await ask(cachedAccount(fakeHash('right', 10)), 'right')
    expect(hasher.made).toEqual([])
  })
})

describe('a user without a hash', () => {
  const lea = (directory: ReturnType<typeof setUp>['directory'], password: string) => directory.put('lea', '', [], password)
  const noHash = () => cachedAccount('', 'lea')

  for (const digest of [true, false]) {
    describe(digest ? 'with digest' : 'without digest', () => {
      const options = { digest, bcryptCost: 4 }

      test('the directory decides', async () => {
        const { directory, ask } = setUp(options)
        lea(directory, 'right')
        expect(await ask(noHash(), 'right')).toBe(true)
        expect(await ask(noHash(), 'wrong')).toBe(false)
        expect(directory.checked).toEqual(['lea', 'lea'])
      })

      test('and is asked again after the interval', async () => {
        const { now, directory, ask, check } = setUp(options)
        lea(directory, 'right')
        const cached = noHash()
        await ask(cached, 'right')
        await settle()
        now.advance(INTERVAL - 1)
        expect(check.isRemembered(cached, 'right')).toBe(digest)
        await ask(cached, 'right')
        expect(directory.checked.length).toBe(1)
        now.advance(1)
        lea(directory, 'new')
        expect(check.isRemembered(cached, 'right')).toBe(false)
        expect(await ask(cached, 'right')).toBe(false)
        expect(directory.checked.length).toBe(2)
      })

      test('the interval counts from the question', async () => {
        const { now, directory, ask } = setUp(options)
        lea(directory, 'right')
        const cached = noHash()
        directory.hold()
        const slow = ask(cached, 'right')
        await settle()
        now.advance(INTERVAL)
        lea(directory, 'new')
        directory.release()
        expect(await slow).toBe(true)
        await settle()
        expect(await ask(cached, 'right')).toBe(false)
      })

      test('a wrong password asks each time, and hurts the right one not at all', async () => {
        const { hasher, directory, ask, check } = setUp(options)
        lea(directory, 'right')
        const cached = noHash()
        await ask(cached, 'right')
        await settle()
        for (let i = 0; i < 5; i++) expect(await ask(cached, 'wrong')).toBe(false)
        expect(directory.checked.length).toBe(6)
        directory.down = true
        hasher.full = digest
        expect(await check.isRight(cached, 'right')).toBe(true)
      })

      test('a new password replaces the old one', async () => {
        const { now, directory, ask } = setUp(options)
        lea(directory, 'right')
        const cached = noHash()
        await ask(cached, 'right')
        await settle()
        lea(directory, 'new')
        expect(await ask(cached, 'new')).toBe(true)
        await settle()
        expect(await ask(cached, 'right')).toBe(false)
        const asked = directory.checked.length
        expect(await ask(cached, 'new')).toBe(true)
        expect(directory.checked.length).toBe(asked)
        now.advance(INTERVAL)
        directory.down = true
        expect(await ask(cached, 'new')).toBe(true)
        await expect(ask(cached, 'right')).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
      })

      test('while the directory is out of reach its last word counts, until it expires', async () => {
        const { now, directory, ask } = setUp(options)
        lea(directory, 'right')
        const cached = noHash()
        await ask(cached, 'right')
        await settle()
        directory.down = true
        for (let age = INTERVAL; age < EXPIRATION; age += INTERVAL) {
          now.advance(INTERVAL)
          expect(await ask(cached, 'right')).toBe(true)
          await expect(ask(cached, 'wrong')).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
        }
        now.advance(INTERVAL)
        await expect(ask(cached, 'right')).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
      })

      test('a word that is about to expire is good for no longer', async () => {
        const { now, directory, ask } = setUp(options)
        lea(directory, 'right')
        const cached = noHash()
        await ask(cached, 'right')
        await settle()
        directory.down = true
        now.advance(EXPIRATION - 1)
        expect(await ask(cached, 'right')).toBe(true)
        now.advance(1)
        await expect(ask(cached, 'right')).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
      })

      test('meanwhile it is asked once in the interval', async () => {
        const { now, directory, ask } = setUp(options)
        lea(directory, 'right')
        const cached = noHash()
        await ask(cached, 'right')
        await settle()
        directory.down = true
        now.advance(INTERVAL)
        for (let i = 0; i < 10; i++) expect(await ask(cached, 'right')).toBe(true)
        expect(directory.checked.length).toBe(2)
        directory.down = false
        lea(directory, 'new')
        now.advance(INTERVAL)
        expect(await ask(cached, 'right')).toBe(false)
      })

      test('its "no" to a password that was right counts', async () => {
        const { now, directory, ask } = setUp(options)
        lea(directory, 'right')
        const cached = noHash()
        await ask(cached, 'right')
        await settle()
        lea(directory, 'new')
        now.advance(INTERVAL)
        expect(await ask(cached, 'right')).toBe(false)
        directory.down = true
        await expect(ask(cached, 'right')).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
      })
    })
  }

  test('a herd is one question', async () => {
    const { directory, check } = setUp()
    lea(directory, 'right')
    const cached = noHash()
    const all = await Promise.all(Array.from({ length: 1_000 }, () => check.isRight(cached, 'right')))
    expect(new Set(all)).toEqual(new Set([true]))
    expect(directory.checked.length).toBe(1)
  })

  test('an account that was forgotten is asked about again, though a question is under way', async () => {
    const { directory, check } = setUp()
    lea(directory, 'right')
    directory.hold()
    const early = check.isRight(noHash(), 'right')
    await settle()
    lea(directory, 'new')
    const late = check.isRight(noHash(), 'right')
    await settle()
    directory.release()
    expect([await early, await late]).toEqual([true, false])
  })

  test('questions are bounded by the hasher\'s queue, but for a password that was right', async () => {
    const { now, hasher, directory, check, ask } = setUp()
    lea(directory, 'right')
    const cached = noHash()
    await ask(cached, 'right')
    now.advance(INTERVAL)
    hasher.full = true
    expect(await check.isRight(cached, 'right')).toBe(true)
    await expect(check.isRight(cached, 'wrong')).rejects.toBeInstanceOf(AuthError)
    expect(directory.checked.length).toBe(2)
  })

  test('its name with a hash is another account', async () => {
    const { directory, ask, check } = setUp()
    lea(directory, 'right')
    const cached = noHash()
    await ask(cached, 'right')
    const hashed = { ...cached, account: createAccount('lea', fakeHash('other'), new Map()) }
    expect(check.isRemembered(hashed, 'right')).toBe(false)
    expect(await check.isRight(hashed, 'right')).toBe(false)
  })
})

test('a real hasher says the same', async () => {
  const pool = createBcryptPool({ threads: 1 })
  try {
    for (const digest of [true, false]) {
      const check = createPasswordCheck(createManualDirectory(), pool, { digest, bcryptCost: 4 })
      const cached = cachedAccount(await pool.hash('Pa5sw0Rd', 5))
      expect(await check.isRight(cached, 'Pa5sw0Rd')).toBe(true)
      check.remember(cached, 'Pa5sw0Rd')
      await pool.hash('wait for the local hash', 4)
      expect(await check.isRight(cached, 'Pa5sw0Rd')).toBe(true)
      expect(await check.isRight(cached, 'pa5sw0rd')).toBe(false)
      expect(await check.isRight(cachedAccount('garbage'), 'Pa5sw0Rd')).toBe(false)
      await check.checkUnknown('nobody', 'Pa5sw0Rd')
      expect(cached.localHash?.startsWith('$2b$04$')).toBe(digest ? undefined : true)
    }
  } finally {
    await pool.close()
  }
})

test('a directory that fails while it has called another password right says nothing for the old one', async () => {
  const { now, directory, check, ask } = setUp()
  directory.put('ann', '', [], 'old')
  const cached = cachedAccount('')
  expect(await ask(cached, 'old')).toBe(true)
  now.advance(INTERVAL)
  directory.hold()
  const old = check.isRight(cached, 'old')
  await settle()
  const [slow] = directory.waiting
  directory.put('ann', '', [], 'new')
  const fresh = ask(cached, 'new')
  await settle()
  directory.waiting.find((question) => question !== slow)?.answer()
  expect(await fresh).toBe(true)
  slow?.fail()
  await expect(old).rejects.toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
  expect(check.isRemembered(cached, 'old')).toBe(false)
  expect(check.isRemembered(cached, 'new')).toBe(true)
})
