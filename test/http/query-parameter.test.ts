import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { queryParameter } from '../../src/http/query-parameter.js'

describe('a parameter is read as Go reads it', () => {
  test.each<[string, string, string[], boolean]>([
    // says                                  target                        values of u       ambiguous
    ['a plain one',                          '/x?u=ann',                   ['ann'],          false],
    ['among others',                         '/x?a=1&u=ann&b=2',           ['ann'],          false],
    ['an empty value',                       '/x?u=',                      [''],             false],
    ['without a value',                      '/x?u',                       [''],             false],
    ['every one, in order',                  '/x?u=ann&u=bob&u=ann',       ['ann', 'bob', 'ann'], false],
    ['an escaped name',                      '/x?%75=ann',                 ['ann'],          false],
    ['an escaped value',                     '/x?u=%61nn',                 ['ann'],          false],
    ['decoded once',                         '/x?u=%2561nn',               ['%61nn'],        false],
    ['a plus is a space',                    '/x?u=ann+lee',               ['ann lee'],      false],
    ['an escaped plus is a plus',            '/x?u=ann%2Blee',             ['ann+lee'],      false],
    ['the first equals sign separates',      '/x?u=a=b',                   ['a=b'],          false],
    ['an escaped one does not',              '/x?u=a%3Db',                 ['a=b'],          false],
    ['an escaped & does not either',         '/x?u=a%26b',                 ['a&b'],          false],
    ['an escaped ; is part of the value',    '/x?u=a%3Bb',                 ['a;b'],          false],
    ['a second ? is part of it',             '/x?u=a?u=b',                 ['a?u=b'],        false],
    ['UTF-8, escaped',                       '/x?u=jos%C3%A9',             ['josé'],         false],
    ['UTF-8, as it stands',                  '/x?u=jos\xC3\xA9',           ['josé'],         false],
    ['NUL is a byte like others',            '/x?u=a%00b',                 ['a\0b'],         false],
    ['empty pairs are nothing',              '/x?&&u=ann&&',               ['ann'],          false],
    ['no query',                             '/x',                         [],               false],
    ['an empty query',                       '/x?',                        [],               false],
    ['in the path',                          '/u=ann',                     [],               false],
    ['another name',                         '/x?user=ann',                [],               false],
    ['another case',                         '/x?U=ann',                   [],               false],
    ['a name with a space',                  '/x?+u=ann',                  [],               false],
    ['a name in brackets',                   '/x?u[]=ann',                 [],               false],
    ['a name escaped twice',                 '/x?%2575=ann',               [],               false],
    ['a name with a broken escape',          '/x?u%=ann',                  [],               false],
    ['a name that is no UTF-8',              '/x?u%FF=ann',                [],               false],
    ['no name',                              '/x?=u',                      [],               false],
    ['another pair is broken',               '/x?a=%zz&b=1;c=2',           [],               false],
    ['an escaped ? starts no query',         '/x%3Fu=ann',                 [],               false],
    ['a letter that truncates to u',         '/x?\u0175=ann',              [],               false],

    ['a value with a broken escape',         '/x?u=%zz',                   [],               true],
    ['an escape that breaks off',            '/x?u=ann%',                  [],               true],
    ['bytes that are not UTF-8',             '/x?u=%FF',                   [],               true],
    ['latin-1, as it stands',                '/x?u=jos\xE9',               [],               true],
    ['characters beyond bytes',              '/x?u=\u0161nn',              [],               true],
    ['a semicolon in the value',             '/x?u=ann;p=apw',             [],               true],
    ['after another name',                   '/x?a=1;u=ann',               [],               true],
    ['before the name',                      '/x?;u=ann',                  [],               true],
    ['after the name',                       '/x?u;=ann',                  [],               true],
    ['with an escaped name',                 '/x?a=1;%75=ann',             [],               true],
    ['beside a good one',                    '/x?u=ann&u=%zz',             ['ann'],          true],
    ['before a good one',                    '/x?u=b;c&u=ann',             ['ann'],          true],
  ])('%s', (_says, target, values, ambiguous) => {
    expect(queryParameter(target, 'u')).toEqual({ values, ambiguous })
  })
})

test.each(['__proto__', 'constructor', 'toString'])('%s is a name like any other', (name) => {
  expect(queryParameter('/x?a=1', name)).toEqual({ values: [], ambiguous: false })
  expect(queryParameter(`/x?${name}=1`, name)).toEqual({ values: ['1'], ambiguous: false })
})

test('the empty answer is shared, and nobody can change it', () => {
  expect(Object.isFrozen(queryParameter('/x', 'u'))).toBe(true)
})

describe('for any query', () => {
  const text = fc.oneof(fc.constantFrom('u', 'p', 'db', ''), fc.string({ unit: 'binary' }))
  const encoded = fc.array(fc.tuple(text, text)).map((pairs) => new URLSearchParams(pairs).toString())
  const plain = fc.string({ unit: fc.constantFrom('u', 'p', '=', '&', '+', '?', '/', 'a', '%61', '%C3%A9', '%3B', '%26') })

  test('that reads the same everywhere, URLSearchParams agrees', () => {
    fc.assert(fc.property(fc.oneof(encoded, plain), (query) => {
      const params = new URLSearchParams(`?${query}`)
      for (const name of ['u', 'p', ...params.keys()].filter(Boolean)) {
        expect(queryParameter(`/x?${query}`, name)).toEqual({ values: params.getAll(name), ambiguous: false })
      }
    }), { numRuns: 1_000 })
  })

  test('nothing is thrown, and no byte is replaced', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const { values } = queryParameter(`/x?u=${Buffer.from(bytes).toString('latin1')}`, 'u')
      for (const value of values) if (!bytes.includes(0xef)) expect(value).not.toContain('\uFFFD')
    }), { numRuns: 2_000 })
  })
})
