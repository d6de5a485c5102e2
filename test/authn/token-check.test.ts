import { LRUCache } from 'lru-cache'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createTokenCheck } from '../../src/authn/token-check.js'
import { AuthError } from '../../src/errors.js'
import type { TokenClaims } from '../../src/token/shared-secret.js'

const NOW = 1_800_000_000_000
const EXP = NOW + 60_000

/** A check over a verifier that counts, and that takes tokens such as `good ann`. */
function startCheck(options: { max?: number } = {}) {
  const clock = { now: NOW }
  const asked: string[] = []
  const check = createTokenCheck(async (token): Promise<TokenClaims | AuthError> => {
    asked.push(token)
    const [word, username = ''] = token.split(' ')
    return word === 'good' ? { username, expiresAt: EXP } : new AuthError('ERR_TOKEN_INVALID', 'invalid token: test')
  }, { ...options, now: () => clock.now })
  return { check, clock, asked }
}

describe('a good token is remembered until it expires', () => {
  test.each([
    // says                     milliseconds later  expected
    ['at once',                 0,                  { username: 'ann', expiresAt: EXP }],
    ['shortly before',          59_999,             { username: 'ann', expiresAt: EXP }],
    ['when it expires',         60_000,             undefined],
    ['later',                   60_001,             undefined],
    ['much later',              1e12,               undefined],
  ])('%s', async (_says, later, expected) => {
    const { check, clock } = startCheck()
    expect(await check.verify('good ann')).toEqual({ username: 'ann', expiresAt: EXP })
    clock.now += later
    expect(check.remembered('good ann')).toEqual(expected)
  })

  test('not before it was verified', () => {
    const { check, asked } = startCheck()
    expect(check.remembered('good ann')).toBeUndefined()
    expect(asked).toEqual([])
  })

  test.each([
    // says                   other token
    ['another one',           'good bob'],
    ['one that starts alike', 'good ann '],
    ['a part of it',          'good an'],
    ['another case',          'Good ann'],
    ['with NUL after it',     'good ann\0'],
    ['nothing',               ''],
  ])('but not %s', async (_says, other) => {
    const { check } = startCheck()
    await check.verify('good ann')
    expect(check.remembered(other)).toBeUndefined()
  })

  test('each for itself', async () => {
    const { check } = startCheck()
    await Promise.all([check.verify('good ann'), check.verify('good bob')])
    expect(check.remembered('good ann')).toMatchObject({ username: 'ann' })
    expect(check.remembered('good bob')).toMatchObject({ username: 'bob' })
  })

  test('remembering asks nobody, verifying does', async () => {
    const { check, asked } = startCheck()
    await check.verify('good ann')
    check.remembered('good ann')
    check.remembered('good ann')
    expect(asked).toEqual(['good ann'])
    await check.verify('good ann')
    expect(asked).toEqual(['good ann', 'good ann'])
  })

  test('what one check remembers, another does not', async () => {
    const one = startCheck()
    const other = startCheck()
    await one.check.verify('good ann')
    expect(other.check.remembered('good ann')).toBeUndefined()
  })
})

describe('a bad token is not remembered', () => {
  test('neither as good nor as bad', async () => {
    const { check, asked } = startCheck()
    for (let i = 0; i < 3; i++) {
      expect(await check.verify('bad ann')).toMatchObject({ code: 'ERR_TOKEN_INVALID' })
      expect(check.remembered('bad ann')).toBeUndefined()
    }
    expect(asked).toHaveLength(3)
  })

  test('and drives out no good one', async () => {
    const { check } = startCheck({ max: 2 })
    await check.verify('good ann')
    await check.verify('good bob')
    for (let i = 0; i < 100; i++) {
      await check.verify(`bad ${i}`)
      check.remembered(`bad ${i}`)
    }
    expect(check.remembered('good ann')).toBeDefined()
    expect(check.remembered('good bob')).toBeDefined()
  })

  test('a verifier that cannot tell is heard as it is', async () => {
    const check = createTokenCheck(() => Promise.reject(new AuthError('ERR_BUSY', 'try again')))
    await expect(check.verify('good ann')).rejects.toMatchObject({ code: 'ERR_BUSY' })
    expect(check.remembered('good ann')).toBeUndefined()
  })
})

test('only so many are remembered; the least recently used goes first', async () => {
  const { check } = startCheck({ max: 3 })
  for (const name of ['ann', 'bob', 'cid']) await check.verify(`good ${name}`)
  check.remembered('good ann')
  await check.verify('good dan')
  const known = ['ann', 'bob', 'cid', 'dan'].filter((name) => check.remembered(`good ${name}`))
  expect(known).toEqual(['ann', 'cid', 'dan'])
})

test.each([0, -1, 0.5, Number.NaN])('it is an error to remember %d of them', (max) => {
  expect(() => startCheck({ max })).toThrow(TypeError)
})

describe('no token is kept', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('neither as key nor as value', async () => {
    const set = vi.spyOn(LRUCache.prototype, 'set')
    const { check } = startCheck()
    await check.verify('good ann')
    await check.verify('good bob')
    expect(new Set(set.mock.calls.map(([key]) => key)).size).toBe(2)
    for (const [key, value] of set.mock.calls) {
      expect(key).toBeTypeOf('number')
      expect(JSON.stringify([key, value])).not.toContain('good')
    }
  })
})

test('a token of 64 KB is a token', async () => {
  const { check } = startCheck()
  const name = 'x'.repeat(65_536)
  await check.verify(`good ${name}`)
  expect(check.remembered(`good ${name}`)).toMatchObject({ username: name })
  expect(check.remembered(`good ${name}y`)).toBeUndefined()
})
