import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { type Json, readJson } from '../../src/registry/read-json.js'

/** As `JSON.parse` would have it. */
function plain(json: Json): unknown {
  if (json instanceof Map) return Object.fromEntries([...json].map(([name, value]) => [name, plain(value)]))
  return Array.isArray(json) ? json.map(plain) : json
}

function fault(text: string): string {
  try {
    readJson(text)
  } catch (error) {
    expect(error).toBeInstanceOf(AuthError)
    expect((error as AuthError).code).toBe('ERR_REQUEST_INVALID')
    return (error as AuthError).message
  }
  throw new Error('it was read')
}

test.each([
  '{}', '[]', 'null', 'true', '0', '-0', '-1.5e+3', '1E400', '""', ' \n\t\r{ "a" : [ 1 , 2 ] } ',
  '{"a":{"b":[[[]]]}}', '"\\u00e9\\n\\"\\\\\\/\\b\\f\\r\\t"', '"\\ud800"', '"\u007f\u0085\u2028"', '{"__proto__":1,"constructor":2,"":3}',
])('reads %s as JSON.parse does', (text) => {
  expect(plain(readJson(text))).toEqual(JSON.parse(text))
})

test('reads whatever JSON.stringify writes, at any width', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(4), (value, width) => {
    const text = JSON.stringify(value, undefined, width)
    expect(JSON.stringify(plain(readJson(text)))).toBe(JSON.stringify(JSON.parse(text)))
  }))
})

test('reads nothing that JSON.parse does not', () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', 'a', '1', '-', '.', 'e', ' ', '\\', 'u', 'true', 'null', '"a"', '"b":1', "'", '\n', '\u0000')
  fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
    const text = pieces.join('')
    let right = true
    try { JSON.parse(text) } catch { right = false }
    const read = () => readJson(text)
    if (!right) expect(read).toThrow(AuthError)
    else if (!/appears twice/.test(String(message(read)))) expect(read).not.toThrow()
  }), { numRuns: 5_000 })
})

const message = (read: () => unknown) => { try { return read() } catch (error) { return (error as Error).message } }

test.each([
  // text                                      says
  ['{"a":1,}',                                 'line 1, column 7: JSON allows no comma before }'],
  ['{"a":1 , }',                               'line 1, column 8: JSON allows no comma before }'],
  ['[1,]',                                     'line 1, column 3: JSON allows no comma before ]'],
  ['{\n  "a": {\n    "b": 1,\n  }\n}',         'line 3, column 11: JSON allows no comma before }'],
  ['',                                         'line 1, column 1: it ends too early'],
  ['{',                                        'line 1, column 2: it ends too early'],
  ['{"a":1,',                                  'line 1, column 8: it ends too early'],
  ['{"a":',                                    'line 1, column 6: it ends too early'],
  ['{"a":1',                                   'line 1, column 7: it ends too early'],
  ['{"a" 1}',                                  'line 1, column 6: a colon is expected'],
  ['{"a"',                                     'line 1, column 5: a colon is expected'],
  ['{"a":1 "b":2}',                            'line 1, column 8: a comma or } is expected'],
  ['[1 2]',                                    'line 1, column 4: a comma or ] is expected'],
  ['{"a":[1}}',                                'line 1, column 8: a comma or ] is expected'],
  ['{a:1}',                                    'line 1, column 2: a name in double quotes is expected'],
  ["{'a':1}",                                  'line 1, column 2: a name in double quotes is expected'],
  ['{,}',                                      'line 1, column 2: a name in double quotes is expected'],
  ["{\"a\":'b'}",                              'line 1, column 6: text must be in double quotes'],
  ['{"a":}',                                   'line 1, column 6: a value is missing'],
  ['{"a":b}',                                  'line 1, column 6: this is not a value'],
  ['{"a":True}',                               'line 1, column 6: this is not a value'],
  ['{"a":truely}',                             'line 1, column 6: this is not a value'],
  ['{"a":01}',                                 'line 1, column 6: this is not a value'],
  ['{"a":1.}',                                 'line 1, column 6: this is not a value'],
  ['{"a":+1}',                                 'line 1, column 6: this is not a value'],
  ['{"a":NaN}',                                'line 1, column 6: this is not a value'],
  ['\ufeff{}',                                 'line 1, column 1: this is not a value'],
  ['action=create',                            'line 1, column 1: this is not a value'],
  ['{"a":"b}',                                 'line 1, column 6: this text has no end'],
  ['{"a":"b\nc"}',                             'line 1, column 8: a control character must be escaped'],
  ['{"a":"\\x"}',                              'line 1, column 7: there is no such escape'],
  ['{"a":"\\u12g4"}',                          'line 1, column 7: there is no such escape'],
  ['{} {}',                                    'line 1, column 4: something follows the end'],
  ['{}}',                                      'line 1, column 3: something follows the end'],
  ['{"a":1,"b":2,"a":3}',                      'line 1, column 14: "a" appears twice'],
  ['{"a":1,"\\u0061":3}',                      'line 1, column 8: "a" appears twice'],
  ['['.repeat(18),                             'line 1, column 18: too many brackets in each other'],
  ['{"a":'.repeat(18),                         'line 1, column 86: too many brackets in each other'],
])('refuses %j', (text, says) => {
  expect(fault(text)).toBe(`not JSON: ${says}`)
})

test('never quotes what it read', () => {
  fc.assert(fc.property(fc.string({ minLength: 6, unit: fc.constantFrom(...'bcdgkqwxzBCDGKQWXZ') }), fc.nat(60), fc.constantFrom('', ',', '}', '"', "'", '\\', '\n', 'x'), (secret, at, broken) => {
    const text = `{"action":"create","user":{"name":"ann","password":"${secret}"}}`
    const said = message(() => readJson(text.slice(0, at) + broken + text.slice(at)))
    if (typeof said === 'string') expect(said).not.toContain(secret)
  }), { numRuns: 2_000 })
})

// Were it quadratic, it would take minutes: the limit is the test's own
test('reads a megabyte', () => {
  readJson(`{"a":"${'x\\n'.repeat(300_000)}"}`)
  readJson(`[${'1,'.repeat(300_000)}1]`)
  expect(() => readJson('['.repeat(1_000_000))).toThrow(AuthError)
  expect(() => readJson(`"${'x'.repeat(1_000_000)}`)).toThrow(AuthError)
})
