import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeUser } from '../../src/gateway/request/forwarded-user.js'

test.each([
  // says                                  name                  written
  ['visible ASCII stays as it is',         'ann@example.com',    'ann@example.com'],
  ['so does punctuation',                  'a,b;c="d"\\e',       'a,b;c="d"\\e'],
  ['a percent sign is escaped',            '100%',               '100%25'],
  ['so that no two names look alike',      'ann%20lee',          'ann%2520lee'],
  ['a space',                              'ann lee',            'ann%20lee'],
  ['spaces around',                        ' ann ',              '%20ann%20'],
  ['line breaks',                          'ann\r\nX-Admin: 1',  'ann%0D%0AX-Admin:%201'],
  ['NUL, tab, delete',                     '\0\t\x7f',           '%00%09%7F'],
  ['UTF-8',                                'josé🦊',             'jos%C3%A9%F0%9F%A6%8A'],
  ['other spaces',                         'a\u00a0b\u2028',     'a%C2%A0b%E2%80%A8'],
])('%s', (_says, name, written) => {
  expect(encodeUser(name)).toBe(written)
})

test.each(['\ud800', 'ann\udfff', '\udc00\ud800'])('half a surrogate pair has no UTF-8', (name) => {
  expect(encodeUser(name)).toBeUndefined()
})

test('one-to-one, and nothing but visible ASCII', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => {
    const written = encodeUser(name)
    if (written === undefined) return expect(name.isWellFormed()).toBe(false)
    expect(written).toMatch(/^[!-~]*$/)
    expect(decodeURIComponent(written)).toBe(name)
  }), { numRuns: 1_000, seed: 5 })
})
