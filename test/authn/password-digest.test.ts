import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPasswordDigester } from '../../src/authn/passwords/password-digest.js'

const KEY = randomBytes(64)
const digester = createPasswordDigester(KEY)
const digest = (parts: readonly [string, string, string]) => Buffer.from(digester.digest(...parts), 'latin1').toString('hex')

/** The documented message: the three as JSON. */
const hmac = (parts: readonly [string, string, string]) => createHmac('sha256', KEY).update(JSON.stringify(parts)).digest('hex')

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('', 'a', 'b', 'ab', ':', '\0', '\0\0\0\x01', 'a\0'))
const triple = fc.tuple(text, text, text)

describe('the digest is the HMAC-SHA-256 of name, hash and password', () => {
  test('for any three', () => {
    fc.assert(fc.property(triple, (parts) => {
      expect(digest(parts)).toBe(hmac(parts))
    }))
  })

  test('a long one leaves nothing behind for the next', () => {
    const short = ['ann', 'hash', 'pw'] as const
    const before = digest(short)
    digest(['ann', 'hash', 'x'.repeat(50_000)])
    expect(digest(short)).toBe(before)
  })
})

describe('no two triples share a digest', () => {
  test.each<[string, [string, string, string], [string, string, string]]>([
    // says                                one                            other
    ['another password',                   ['ann', 'h', 'pw1'],           ['ann', 'h', 'pw2']],
    ['another name',                       ['ann', 'h', 'pw'],            ['bob', 'h', 'pw']],
    ['another hash',                       ['ann', 'h1', 'pw'],           ['ann', 'h2', 'pw']],
    ['a letter moved to the next part',    ['a', 'h', 'bc'],              ['ab', 'h', 'c']],
    ['a letter moved to the hash',         ['ab', 'c', ''],               ['a', 'bc', '']],
    ['everything in one part',             ['abc', '', ''],               ['', '', 'abc']],
    ['a part left out',                    ['a', '', 'b'],                ['', 'a', 'b']],
    ['parts swapped',                      ['a', 'h', 'b'],               ['b', 'h', 'a']],
    ['a colon inside',                     ['a:b', 'h', 'c'],             ['a', 'h', 'b:c']],
    ['NUL inside',                         ['a\0b', 'h', 'c'],            ['a', 'h', 'b\0c']],
    ['NUL at the end',                     ['a', 'h', 'b'],               ['a', 'h', 'b\0']],
    ['a length inside',                    ['a\0\0\0\x01b', '', ''],      ['a', 'b', '']],
    ['quotes and a comma inside',          ['a","b', 'h', 'c'],           ['a', 'b","h', 'c']],
    ['half a surrogate pair',              ['a\ud83d', 'h', 'c'],         ['a\ufffd', 'h', 'c']],
    ['another case',                       ['Ann', 'h', 'pw'],            ['ann', 'h', 'pw']],
    ['composed and decomposed',            ['josé', 'h', 'pw'],           ['jose\u0301', 'h', 'pw']],
    ['the hash as password',               ['ann', 'h', 'h'],             ['ann', '', 'hh']],
  ])('%s', (_says, one, other) => {
    expect(digest(one)).not.toBe(digest(other))
  })

  test('whatever they are', () => {
    fc.assert(fc.property(triple, triple, (one, other) => {
      expect(digest(one) === digest(other)).toBe(one.every((part, i) => part === other[i]))
    }))
  })

  test('wherever one text is cut into three', () => {
    const cut = fc.string({ unit: fc.constantFrom('a', 'b', ':', '\0'), maxLength: 12 }).chain((whole) =>
      fc.tuple(fc.constant(whole), fc.nat(whole.length), fc.nat(whole.length), fc.nat(whole.length), fc.nat(whole.length)))
    const split = (whole: string, i: number, j: number) => [whole.slice(0, i), whole.slice(i, j), whole.slice(Math.max(i, j))] as const
    fc.assert(fc.property(cut, ([whole, i, j, k, l]) => {
      const one = split(whole, i, j)
      const other = split(whole, k, l)
      expect(digest(one) === digest(other)).toBe(one.every((part, n) => part === other[n]))
    }), { numRuns: 1_000 })
  })
})

describe('the key', () => {
  const parts = ['ann', 'hash', 'pw'] as const

  test('makes each digester’s digests its own', () => {
    const digests = [createPasswordDigester(), createPasswordDigester(), createPasswordDigester(randomBytes(64)), digester]
    expect(new Set(digests.map((d) => d.digest(...parts))).size).toBe(4)
  })

  test('counts with each of its bytes', () => {
    const digests = Array.from({ length: 64 }, (_, i) => {
      const key = Buffer.from(KEY)
      key[i] = (key[i] as number) ^ 1
      return createPasswordDigester(key).digest(...parts)
    })
    expect(new Set([...digests, digester.digest(...parts)]).size).toBe(65)
  })

  test.each([0, 1, 32, 63, 65, 128])('does not have %d bytes', (length) => {
    expect(() => createPasswordDigester(Buffer.alloc(length))).toThrow(new TypeError('key must have 64 bytes'))
  })
})

describe('two digests are equal', () => {
  const one = digester.digest('ann', 'hash', 'pw')
  const flipped = (i: number) => {
    const other = Buffer.from(one, 'latin1')
    other[i] = (other[i] as number) ^ 0x80
    return other.toString('latin1')
  }

  test.each([
    // says                     other                                     expected
    ['the same again',          digester.digest('ann', 'hash', 'pw'),     true],
    ['itself',                  one,                                      true],
    ['another',                 digester.digest('ann', 'hash', 'pw2'),    false],
    ['the first byte differs',  flipped(0),                               false],
    ['the last byte differs',   flipped(31),                              false],
    ['only its beginning',      one.slice(0, 31),                      false],
    ['with something after it', `${one}\0`,                               false],
    ['nothing',                 '',                                       false],
    ['the password itself',     'pw',                                     false],
  ])('%s', (_says, other, expected) => {
    expect(digester.equal(one, other)).toBe(expected)
    expect(digester.equal(other, one)).toBe(expected)
  })

  test('which are 32 characters of Latin-1', () => {
    expect(Buffer.from(one, 'latin1').toString('latin1')).toBe(one)
    expect(one).toHaveLength(32)
  })
})
