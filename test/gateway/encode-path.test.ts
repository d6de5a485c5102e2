import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalPath } from '../../src/authz/canonical-path.js'
import { encodePath } from '../../src/gateway/request/forwarded-target.js'

test.each([
  // says                                  path                     encoded
  ['a plain path stays as it is',          '/kapacitor/v1/tasks',   '/kapacitor/v1/tasks'],
  ['so do all pchars',                     "/-._~!$&'()*+,;=:@",    "/-._~!$&'()*+,;=:@"],
  ['a percent sign',                       '/100%',                 '/100%25'],
  ['what looks like an escape',            '/%2e%2e',               '/%252e%252e'],
  ['a question mark starts no query',      '/a?u=ann',              '/a%3Fu=ann'],
  ['a hash starts no fragment',            '/a#b',                  '/a%23b'],
  ['a space',                              '/a b',                  '/a%20b'],
  ['brackets, quotes, pipes',              '/["<>`{|}^"]',          '/%5B%22%3C%3E%60%7B%7C%7D%5E%22%5D'],
  ['UTF-8, byte by byte',                  '/josé/€/🦊',            '/jos%C3%A9/%E2%82%AC/%F0%9F%A6%8A'],
])('%s', (_says, path, encoded) => {
  expect(encodePath(path)).toBe(encoded)
})

test('every character but slash and pchars is escaped', () => {
  for (let code = 0x20; code < 0x7f; code++) {
    const character = String.fromCharCode(code)
    const isPlain = /[\w.~!$&'()*+,;=:@/-]/.test(character)
    const written = `%${code.toString(16).toUpperCase().padStart(2, '0')}`
    expect(encodePath(character)).toBe(isPlain ? character : written)
  }
})

test('one-to-one: read again, whatever was judged is the same path', () => {
  const path = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('%', '2', 'e', 'E', '?', '#', ' ', 'é', '.', ';', '+') }))
    .map((text) => `/${text}`)
    .filter((text) => text.isWellFormed() && canonicalPath(encodeURIComponent(text).replaceAll('%2F', '/')) === text)
  fc.assert(fc.property(path, (text) => {
    expect(canonicalPath(encodePath(text))).toBe(text)
    expect(decodeURIComponent(encodePath(text))).toBe(text)
    expect(encodePath(text)).toMatch(/^(?:[\w.~!$&'()*+,;=:@/-]|%[\dA-F]{2})*$/)
  }), { numRuns: 500, seed: 1 })
})
