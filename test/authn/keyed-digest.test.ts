import { expect, test } from 'vitest'
import { createKeyedDigest } from '../../src/authn/cache/keyed-digest.js'

/** The key that the reference code's tests have, 00 01 … 07. */
const REFERENCE = Buffer.from([...Array(8).keys()])
const OTHER = Buffer.alloc(8, 0xa5)
const REFERENCE_AND_OTHER = Buffer.concat([REFERENCE, OTHER])

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
  // bytes  HalfSipHash-1-3, 64 bits, of the reference code built with one and three rounds
  [ 0,      '76a5d0212320f72a'],
  [ 1,      '87e8748d6fd33397'],
  [ 2,      '78ee1fe15d3cd732'],
  [ 3,      '3e5239a36bde6c3e'],
  [ 4,      'eb24dba0718cae05'],
  [ 5,      '83e7464ecbc3bde6'],
  [ 6,      'af65e0c64df5d602'],
  [ 7,      '3c052d0ab24cf18f'],
  [ 8,      '3dcda8311dec7a5f'],
  [ 9,      'bd615fbfc1433bf6'],
  [10,      '3134fba809e041f2'],
  [12,      '5577cc5cb3e73f93'],
  [13,      '6d177cca97c22544'],
  [14,      '7da915ca92ec826b'],
  [63,      '3c12c4201914c5c1'],
])('%i bytes, by one key and by another', (bytes, expected) => {
  expect(halves(Buffer.concat([REFERENCE, OTHER]), counting(bytes))).toEqual([expected, expect.not.stringMatching(expected)])
  expect(halves(Buffer.concat([OTHER, REFERENCE]), counting(bytes))?.[1]).toBe(expected)
})

test('texts beyond ASCII are digested as UTF-8, of any length up to 1 MB', () => {
  const digestOf = createKeyedDigest(Buffer.concat([REFERENCE, OTHER]))
  const texts = ['pass\u0142', 'passB', 'pass\u00c5\u0082', 'x'.repeat(1_023), 'x'.repeat(1_024), 'x'.repeat(1_048_548)]
  const digests = texts.map((text) => String(digestOf(text)))
  expect(new Set(digests).size).toBe(texts.length)
  expect(texts.map((text) => String(digestOf(text)))).toEqual(digests)
  for (const length of [1_048_549, 1_048_576, 2_000_000]) expect(digestOf('x'.repeat(length))).toBeUndefined()
  expect(String(digestOf('pass\u0142'))).toBe(digests[0])
})

test('a text that fits but for its end is digested as any other', () => {
  for (let length = 990; length < 1_030; length++) {
    const fresh = createKeyedDigest(REFERENCE_AND_OTHER)
    const grown = createKeyedDigest(REFERENCE_AND_OTHER)
    grown('y'.repeat(5_000))
    expect(String(fresh('x'.repeat(length)))).toBe(String(grown('x'.repeat(length))))
  }
})

test('a short text after a long one leaves nothing of that in the digest', () => {
  const key = Buffer.concat([REFERENCE, OTHER])
  const digestOf = createKeyedDigest(key)
  digestOf('y'.repeat(2_000))
  expect(String(digestOf('abcde'))).toBe(String(createKeyedDigest(key)('abcde')))
})
