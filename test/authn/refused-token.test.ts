import { describe, expect, test } from 'vitest'
import { createAuthenticator } from '../../src/authn/authenticator.js'
import { type CredentialCacheOptions, createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import { subscriptionKey, tokenKey } from '../../src/authn/directory/account-key.js'
import type { Directory, Found } from '../../src/authn/directory/directory.js'
import { createTokenAccount } from '../../src/authn/directory/token-account.js'
import { createPasswordCheck } from '../../src/authn/passwords/password-check.js'
import { AuthError, type RefusedToken } from '../../src/errors.js'
import { digestOf, newOwnToken } from '../../src/token/own-token.js'
import { createFakeHasher } from '../support/fake-hasher.js'
import { createManualClock } from '../support/manual-clock.js'
import { unavailable } from '../support/manual-directory.js'

const { token: TOKEN, digest: DIGEST } = newOwnToken()
const KEY = tokenKey(DIGEST)
const REVOKED: RefusedToken = { id: 'f00d', reason: 'revoked' }
const EXPIRED: RefusedToken = { id: 'f00d', reason: 'expired' }
const GOOD = createTokenAccount({ id: 'f00d', digest: DIGEST, owner: { kind: 'node' }, permissions: new Map() })

/** A cache over a directory that says `says.of` of every key. */
function setUp(options: CredentialCacheOptions = {}) {
  const now = createManualClock()
  const says: { of: Found; down: boolean } = { of: REVOKED, down: false }
  const asked: string[] = []
  const listeners: ((key: string | undefined) => void)[] = []
  const directory: Directory = {
    async find(key) {
      asked.push(key)
      if (says.down) throw unavailable()
      return says.of
    },
    checkPassword: async () => false,
    watch(listener) {
      listeners.push(listener)
      return () => {}
    },
    reportedUntil: () => Number.NEGATIVE_INFINITY,
  }
  const cache = createCredentialCache(directory, { lookupInterval: 1_000, revalidateInterval: 10_000, expiration: 60_000, now, ...options })
  const authenticator = createAuthenticator({ cache, passwords: createPasswordCheck(directory, createFakeHasher()) })
  return { cache, now, says, asked, authenticator, tell: (key?: string) => { for (const listener of listeners) listener(key) } }
}

describe('the cache knows why a token is refused', () => {
  type Bench = ReturnType<typeof setUp>
  test.each<[string, CredentialCacheOptions, (bench: Bench) => void, RefusedToken | undefined, number]>([
    // says                                   options                  in between                                                        then        asked
    ['for a moment',                          {},                      ({ now, says }) => { now.advance(999); says.of = undefined },     REVOKED,    1],
    ['and asks again after that',             {},                      ({ now, says }) => { now.advance(1_001); says.of = EXPIRED },     EXPIRED,    2],
    ['not beyond what is forgotten',          {},                      ({ cache, says }) => { cache.forget(KEY); says.of = EXPIRED },    EXPIRED,    2],
    ['not beyond what all are forgotten',     {},                      ({ cache, says }) => { cache.forget(); says.of = undefined },     undefined,  2],
    ['not beyond a change',                   {},                      ({ tell, says }) => { tell(KEY); says.of = EXPIRED },             EXPIRED,    2],
    ['without keeping it',                    { lookupInterval: 0 },   ({ says }) => { says.of = EXPIRED },                              EXPIRED,    2],
    ['without keeping anything',              { expiration: 0 },       ({ says }) => { says.of = EXPIRED },                              EXPIRED,    2],
    ['never of what is not said any more',    { lookupInterval: 0 },   ({ says }) => { says.of = undefined },                            undefined,  2],
  ])('%s', async (_says, options, change, then, count) => {
    const bench = setUp(options)
    expect(await bench.cache.findToken(KEY)).toEqual(REVOKED)
    change(bench)
    expect(await bench.cache.findToken(KEY)).toEqual(then)
    expect(bench.asked).toHaveLength(count)
  })

  test('however many wait for one answer', async () => {
    const { cache, asked } = setUp({ lookupInterval: 0 })
    expect(new Set(await Promise.all(Array.from({ length: 100 }, () => cache.findToken(KEY))))).toEqual(new Set([REVOKED]))
    expect(asked).toEqual([KEY])
  })

  test('though an account is overdue, and still while the directory is away', async () => {
    const { cache, now, says } = setUp()
    says.of = GOOD
    expect(await cache.findToken(KEY)).toMatchObject({ account: GOOD })
    now.advance(10_000)
    says.of = REVOKED
    expect(await cache.findToken(KEY)).toBe(REVOKED)
    says.down = true
    expect(await cache.findToken(KEY)).toBe(REVOKED)
    now.advance(1_001)
    await expect(cache.findToken(KEY)).rejects.toMatchObject({ status: 503 })
  })

  test('and nobody who asks for an account gets it', async () => {
    const { cache, now } = setUp()
    expect(await cache.find(KEY)).toBeUndefined()
    expect(await cache.find(KEY)).toBeUndefined() // remembered
    expect(await cache.recheck(KEY)).toBeUndefined()
    now.advance(1_001)
    expect(await cache.recheck(KEY)).toBeUndefined()
    expect([cache.peek(KEY), cache.size, cache.age(KEY), cache.isFamiliar(KEY)]).toEqual([undefined, 0, undefined, false])
  })

  test('a directory that says null says no', async () => {
    const { cache, says } = setUp()
    says.of = null as unknown as undefined
    expect(await cache.findToken(KEY)).toBeUndefined()
    expect(await cache.find('ann')).toBeUndefined()
  })

  test('a good token is not refused for what it was before', async () => {
    const { cache, says, tell } = setUp()
    expect(await cache.findToken(KEY)).toBe(REVOKED)
    says.of = GOOD
    tell(KEY)
    expect(await cache.findToken(KEY)).toMatchObject({ account: GOOD })
  })
})

describe('only the log is told', () => {
  const TEXT = 'invalid token: unknown, revoked, expired, or its owner may not sign in any more'
  test.each<[Found]>([
    [undefined],
    [{ reason: 'unknown' }],
    [REVOKED],
    [EXPIRED],
    [{ id: 'f00d', reason: 'owner gone' }],
    [{ id: 'f00d', reason: 'owner not listed' }],
  ])('%j', async (of) => {
    const { authenticator, asked, says } = setUp()
    says.of = of
    const own = await authenticator.authenticate({ kind: 'token', token: TOKEN, claimed: 'grafana' })
    expect(own).toBeInstanceOf(AuthError)
    expect(own).toMatchObject({ code: 'ERR_TOKEN_INVALID', status: 401, message: TEXT, body: JSON.stringify({ error: TEXT }) })
    expect((own as AuthError).token).toEqual(of)
    const subscription = await authenticator.authenticate({ kind: 'subscription', token: 'x' })
    expect(subscription).toMatchObject({ code: 'ERR_CREDENTIALS_REJECTED', status: 401, body: '{"error":"invalid subscription token"}' })
    expect((subscription as AuthError).token).toEqual(of)
    for (const error of [own, subscription] as AuthError[]) expect(JSON.stringify(error.headers)).not.toMatch(/f00d|revoked/)
    expect(asked).toEqual([KEY, subscriptionKey(digestOf('x'))])
  })
})
