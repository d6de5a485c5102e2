import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatPbkdf2, KEY_BYTES, MAX_ROUNDS, type Pbkdf2Kind, parsePbkdf2 } from '../../src/authn/passwords/pbkdf2-hash.js'

/** Made by Python's passlib 1.7.4. */
const SALT = '8PHy8/T19vf4.fr7/P3./w'
const KEY = 'c1ooR1caG2uuQK3kgteFOedVZClB8nbRnIFbUCBOAtE'
const KEY_512 = 'TMnsGhmZi9PfmHpyJTmlZVrn/G4t10s.HvoY2uvzb6VV1Jt9OSxxXWjzR2wqaJ7lVvRVNfyu56XAXbp2nQ6otg'

describe('a hash by PBKDF2 has a digest that we know, bounded rounds, salt, and a key as long as the digest', () => {
  test.each([
    // says                              hash                                           rounds
    ['SHA-256',                          `$pbkdf2-sha256$29000$${SALT}$${KEY}`,         29_000],
    ['SHA-512',                          `$pbkdf2-sha512$25000$${SALT}$${KEY_512}`,     25_000],
    ['the standard alphabet',            `$pbkdf2-sha256$29000$${SALT.replaceAll('.', '+')}$${KEY}`, 29_000],
    ['one round: weak, but no danger',   `$pbkdf2-sha256$1$${SALT}$${KEY}`,             1],
    ['a salt of one byte',               `$pbkdf2-sha256$1$.w$${KEY}`,                  1],
    ['the most rounds',                  `$pbkdf2-sha256$${MAX_ROUNDS}$${SALT}$${KEY}`, MAX_ROUNDS],
    ['one round more',                   `$pbkdf2-sha256$${MAX_ROUNDS + 1}$${SALT}$${KEY}`, undefined],
    ['rounds that take years',           `$pbkdf2-sha256$9999999999$${SALT}$${KEY}`,    undefined],
    ['rounds beyond any number',         `$pbkdf2-sha256$${'9'.repeat(400)}$${SALT}$${KEY}`, undefined],
    ['no rounds',                        `$pbkdf2-sha256$0$${SALT}$${KEY}`,             undefined],
    ['a leading zero',                   `$pbkdf2-sha256$029000$${SALT}$${KEY}`,        undefined],
    ['negative rounds',                  `$pbkdf2-sha256$-1$${SALT}$${KEY}`,            undefined],
    ['rounds in other digits',           `$pbkdf2-sha256$２$${SALT}$${KEY}`,            undefined],
    ['no salt',                          `$pbkdf2-sha256$29000$$${KEY}`,                undefined],
    ['a salt of 129 bytes',              `$pbkdf2-sha256$29000$${'A'.repeat(172)}$${KEY}`, undefined],
    ['a salt, not base64',               `$pbkdf2-sha256$29000$AAAAA$${KEY}`,           undefined],
    ['loose bits in the salt',           `$pbkdf2-sha256$29000$.x$${KEY}`,              undefined],
    ['padding',                          `$pbkdf2-sha256$29000$${SALT}$${KEY}=`,        undefined],
    ['a key that is too short',          `$pbkdf2-sha256$29000$${SALT}$${KEY.slice(1)}`, undefined],
    ['the other digest\'s key',          `$pbkdf2-sha256$29000$${SALT}$${KEY_512}`,     undefined],
    ['the other digest',                 `$pbkdf2-sha512$29000$${SALT}$${KEY}`,         undefined],
    ['SHA-1',                            `$pbkdf2$29000$${SALT}$${KEY}`,                undefined],
    ['SHA-384',                          `$pbkdf2-sha384$29000$${SALT}$${KEY}`,         undefined],
    ['capital letters',                  `$PBKDF2-SHA256$29000$${SALT}$${KEY}`,         undefined],
    ['a line feed after it',             `$pbkdf2-sha256$29000$${SALT}$${KEY}\n`,       undefined],
    ['a space before it',                ` $pbkdf2-sha256$29000$${SALT}$${KEY}`,        undefined],
    ['a part more',                      `$pbkdf2-sha256$29000$${SALT}$${KEY}$`,        undefined],
    ['a part less',                      `$pbkdf2-sha256$29000$${SALT}`,                undefined],
    ['Django\'s',                        `pbkdf2_sha256$29000$salt$${KEY}=`,            undefined],
    ['bcrypt',                           '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', undefined],
    ['empty',                            '',                                            undefined],
  ])('%s', (_says, hash, rounds) => {
    expect(parsePbkdf2(hash)?.rounds).toBe(rounds)
  })

  test.each([undefined, null, 7, {}, []])('what is not a text is not a hash either: %j', (hash) => {
    expect(parsePbkdf2(hash as unknown as string)).toBeUndefined()
  })
})

test('it is kept as passlib keeps it', () => {
  const salt = Uint8Array.from({ length: 16 }, (_, i) => 240 + i)
  const { kind, rounds, key } = parsePbkdf2(`$pbkdf2-sha256$29000$${SALT}$${KEY}`) ?? {}
  expect(formatPbkdf2({ kind: kind as Pbkdf2Kind, rounds: rounds as number }, salt, key as Uint8Array)).toBe(`$pbkdf2-sha256$29000$${SALT}$${KEY}`)
})

test('what is written is read', () => {
  const kinds = fc.constantFrom<Pbkdf2Kind>('pbkdf2-sha256', 'pbkdf2-sha512')
  const cost = fc.record({ kind: kinds, rounds: fc.integer({ min: 1, max: MAX_ROUNDS }) })
  fc.assert(fc.property(cost, fc.uint8Array({ minLength: 1, maxLength: 128 }), fc.uint8Array({ minLength: 64, maxLength: 64 }), (made, salt, bytes) => {
    const key = bytes.subarray(0, KEY_BYTES[made.kind])
    const read = parsePbkdf2(formatPbkdf2(made, salt, key))
    expect(read).toMatchObject(made)
    expect([...(read?.salt ?? [])]).toEqual([...salt])
    expect([...(read?.key ?? [])]).toEqual([...key])
  }))
})
