import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createKeyedDigest } from '../../src/authn/keyed-digest.js'

test('it is SHA-512/256 over key and text', () => {
  const digest = createKeyedDigest('key')
  for (const text of ['', 'a', 'Basic YW5uOnJpZ2h0', 'x'.repeat(100_000), 'ren\u00e9', '\0']) {
    expect(digest(text)).toBe(createHash('sha512-256').update(`key${text}`).digest('latin1' as 'binary'))
  }
})

test('it has 32 characters, and says the same each time', () => {
  const digest = createKeyedDigest()
  expect(digest('text')).toHaveLength(32)
  expect(digest('text')).toBe(digest('text'))
})

test('each digest has a key of its own', () => {
  expect(createKeyedDigest()('text')).not.toBe(createKeyedDigest()('text'))
})

test('no two texts share a name', () => {
  const digest = createKeyedDigest()
  const bytes = fc.string({ unit: 'grapheme' })
  fc.assert(fc.property(bytes, bytes, (a, b) => (digest(a) === digest(b)) === (a === b)))
})
