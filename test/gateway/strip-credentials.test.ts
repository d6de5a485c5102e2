import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stripCredentials } from '../../src/gateway/request/strip-credentials.js'

describe('u and p are taken out, the rest stays byte for byte', () => {
  test.each<[string, string, string]>([
    // says                                query                          forwarded
    ['both',                               'u=ann&p=pw',                  ''],
    ['among others',                       'db=a&u=ann&rp=b&p=pw&q=c',    'db=a&rp=b&q=c'],
    ['each of many',                       'u=a&u=b&p=c&u=d',             ''],
    ['without a value',                    'u&a=1&p',                     'a=1'],
    ['with an empty value',                'u=&a=1&p=',                   'a=1'],
    ['an escaped name',                    '%75=ann&%70=pw&a=1',          'a=1'],
    ['with a value that is broken',        'u=%zz&p=%&a=1',               'a=1'],
    ['with bytes that are not UTF-8',      'u=%FF&p=\xFF&a=1',            'a=1'],
    ['with a second equals sign',          'u=a=b&p==&a=1',               'a=1'],
    ['with a question mark in it',         'u=a?b&a=1',                   'a=1'],
    ['an escaped & starts no pair',        'u=a%26b=2&a=1',               'a=1'],
    ['an escaped ; starts none either',    'u=a%3Bb=2&a=1',               'a=1'],
    ['empty pairs stay',                   '&&u=ann&&a=1&',               '&&&a=1&'],
  ])('%s', (_says, query, forwarded) => {
    expect(stripCredentials(query)).toBe(forwarded)
  })
})

describe('what is not a credential stays', () => {
  test.each<[string, string]>([
    // says                                query
    ['nothing',                            ''],
    ['other names',                        'db=telegraf&precision=ns&up=1&user=x&password=y'],
    ['another case',                       'U=1&P=2'],
    ['a name in brackets',                 'u[]=1&p[0]=2'],
    ['a name escaped twice',               '%2575=1'],
    ['the value of another',               'a=u&b=u=ann&c=%26u=ann'],
    ['a raw semicolon without either',     'a=1;b=2&q=show+databases;show+users'],
    ['a broken escape in a value',         'a=%zz&b=%&c=%4'],
    ['bytes that are not UTF-8 in one',    'a=%FF&b=\xFF'],
    ['control characters in one',          'a=%00%0d%0a'],
    ['an empty name',                      '=u&=&=p'],
    ['a second question mark',             '?a=1&?b=2'],
    ['other scripts',                      'ü=1&%C3%BC=2'],
  ])('%s', (_says, query) => {
    const bytes = Buffer.from(query).toString('latin1')
    expect(stripCredentials(bytes)).toBe(bytes)
  })
})

describe('what one server would take for a credential and another would not is refused', () => {
  test.each<[string, string]>([
    // says                                query
    ['behind a semicolon',                 'a=1;u=ann'],
    ['before a semicolon',                 'u=ann;a=1'],
    ['in one pair with the other',         'u=ann;p=pw'],
    ['between semicolons',                 'a;p;b'],
    ['behind a semicolon, escaped',        'a=1;%75=ann'],
    ['behind an empty part',               ';u=ann'],
    ['before one',                         'u=ann;'],
    ['behind an HTML entity',              'a=1&amp;u=ann'],
    ['a name with a broken escape',        'u%=ann'],
    ['with half an escape',                '%7=ann'],
    ['with an escape of another kind',     '%u0075=ann'],
    ['a name that is no UTF-8',            'u%FF=ann'],
    ['the same, as it stands',             'u\xFF=ann'],
    ['an overlong u',                      '%C1%B5=ann'],
    ['a name that NUL ends',               'u%00=ann'],
    ['that NUL begins',                    '%00u=ann'],
    ['with a line feed',                   '%0Au=ann'],
    ['with a tab',                         'u%09=ann'],
    ['with delete',                        'u%7F=ann'],
    ['with a C1 control character',        'u%C2%85=ann'],
    ['a character, not a byte',            '\u0175=ann'],
    ['a broken name after a semicolon',    'a=1;%zz'],
    ['behind a space',                     '+u=ann'],
    ['behind an escaped one',              '%20p=pw'],
    ['before one',                         'u+=ann'],
    ['behind a second question mark',      '?u=ann'],
    ['behind a third',                     '??%75=ann'],
    ['in a later pair',                    'a=1&?u=ann'],
    ['though a good pair is there',        'u=ann&p=pw&a=1;u=bob'],
  ])('%s', (_says, query) => {
    expect(stripCredentials(query)).toBeUndefined()
  })
})

test('a long query takes no longer than its length', () => {
  for (const long of ['?'.repeat(100_000), '&'.repeat(100_000), ';'.repeat(100_000), '%41'.repeat(30_000), `x${'+'.repeat(100_000)}y`, `${'?+'.repeat(50_000)}y`, 'a=1&'.repeat(30_000)]) {
    expect(stripCredentials(long)).toBe(long)
  }
})

describe('for any query', () => {
  const piece = fc.constantFrom('u', 'p', '%75', '%70', 'a', 'db', '=', '&', ';', '+', '%', '%zz', '%3B', '%26', '%3D', '%C3%A9', '%FF', '%00', '?')
  const query = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  )

  test('no reader finds a credential in what is left', () => {
    fc.assert(fc.property(query, (text) => {
      const left = stripCredentials(text)
      if (left === undefined) return
      for (const separated of [left, left.replaceAll(';', '&')]) {
        const params = new URLSearchParams(separated)
        expect([params.has('u'), params.has('p')]).toEqual([false, false])
      }
    }), { numRuns: 5_000, seed: 2 })
  })

  test('what is left is made of pairs that were there, in order', () => {
    fc.assert(fc.property(query, (text) => {
      const pairs = text.split('&')
      for (const pair of (stripCredentials(text) ?? '').split('&')) {
        if (pair === '') continue
        expect(pairs).toContain(pair)
        pairs.splice(0, pairs.indexOf(pair) + 1)
      }
    }), { numRuns: 1_000, seed: 3 })
  })

  test('what is left is left alone the next time', () => {
    fc.assert(fc.property(query, (text) => {
      const left = stripCredentials(text)
      if (left !== undefined) expect(stripCredentials(left)).toBe(left)
    }), { numRuns: 1_000, seed: 4 })
  })
})
