import { expect, test } from 'vitest'
import { createKeyedDigest } from '../../src/authn/cache/keyed-digest.js'

/** The key of the reference code's test vectors, 00 01 … 07. */
const REFERENCE = Buffer.from([...Array(8).keys()])
const OTHER = Buffer.alloc(8, 0xa5)

/** The digest's two halves, as the reference code writes them. */
function halves(key: Buffer, text: string): string[] | undefined {
  const digest = createKeyedDigest(key)(text)
  if (digest === undefined) return undefined
  const bytes = Buffer.alloc(16)
  for (const [i, word] of digest.entries()) bytes.writeInt32LE(word, 4 * i)
  return [bytes.toString('hex', 0, 8), bytes.toString('hex', 8)]
}

/** The bytes 00 01 02 … */
const counting = (length: number) => String.fromCharCode(...Array(length).keys())

test.each([
  // bytes  HalfSipHash-2-4, 64 bits, of the reference code's vectors
  [ 0,      '218d1f59b9b83cc8'],
  [ 1,      'be552412f8387315'],
  [ 2,      '064f39ef7c50eb57'],
  [ 3,      'ce0f1a45f7060679'],
  [ 4,      'd5e78a175be52ea1'],
  [ 5,      'cb9d7c3f2f3db580'],
  [ 6,      'ce3e91358aa2bc25'],
  [ 7,      'ff202728b07bc684'],
  [ 8,      'edfee820bce4858c'],
  [ 9,      '5b51cccc13888307'],
  [10,      '95b0469f06a6f2ee'],
  [12,      '7bc71f9faef5c799'],
  [13,      '5a2352d75a0c3744'],
  [14,      '3bb1a870eae8e658'],
])('%i bytes, by one key and by another', (bytes, expected) => {
  expect(halves(Buffer.concat([REFERENCE, OTHER]), counting(bytes))).toEqual([expected, expect.not.stringMatching(expected)])
  expect(halves(Buffer.concat([OTHER, REFERENCE]), counting(bytes))?.[1]).toBe(expected)
})

test('texts beyond ASCII are digested as UTF-8, of any length up to 1 MB', () => {
  const digestOf = createKeyedDigest(Buffer.concat([REFERENCE, OTHER]))
  const texts = ['pass\u0142', 'passB', 'pass\u00c5\u0082', 'x'.repeat(1_023), 'x'.repeat(1_024), 'x'.repeat(1_048_575)]
  const digests = texts.map((text) => String(digestOf(text)))
  expect(new Set(digests).size).toBe(texts.length)
  expect(texts.map((text) => String(digestOf(text)))).toEqual(digests)
  expect(digestOf('x'.repeat(1_048_576))).toBeUndefined()
  expect(String(digestOf('pass\u0142'))).toBe(digests[0])
})

test('a short text after a long one leaves nothing of that in the digest', () => {
  const key = Buffer.concat([REFERENCE, OTHER])
  const digestOf = createKeyedDigest(key)
  digestOf('y'.repeat(2_000))
  expect(String(digestOf('abcde'))).toBe(String(createKeyedDigest(key)('abcde')))
})
