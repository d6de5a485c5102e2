import { afterEach, describe, expect, test, vi } from 'vitest'
import { createSipHash, type Digest } from '../../src/authn/cache/sip-hash.js'

/** 00 01 02 … 0f, as in the algorithm's published vectors. */
const KEY = Uint8Array.from({ length: 16 }, (_, i) => i)

/** 00 01 02 … 7f 00 … */
const counting = (length: number) => Array.from({ length }, (_, i) => String.fromCharCode(i & 0x7f)).join('')

const hex = (digest: Digest | undefined) => digest && Buffer.from(digest.buffer).toString('hex')

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('it is SipHash-2-4-128, as `openssl mac -macopt size:16 SIPHASH` says it', () => {
  test.each([
    // bytes  digest
    [0,       'a3817f04ba25a8e66df67214c7550293'],
    [1,       'da87c1d86b99af44347659119b22fc45'],
    [7,       'a1f1ebbed8dbc153c0b84aa61ff08239'],
    [8,       '3b62a9ba6258f5610f83e264f31497b4'],
    [9,       '264499060ad9baabc47f8b02bb6d71ed'],
    [15,      '5493e99933b0a8117e08ec0f97cfc3d9'],
    [16,      '6ee2a4ca67b054bbfd3315bf85230577'],
    [17,      '473d06e8738db89854c066c47ae47740'],
    [63,      '5150d1772f50834a503e069a973fbd7c'],
    [64,      '1eaf077dc0d4cd3f8cad4d383658a74b'],
    [255,     'a5af51aaae5a2b21442441fab158dd10'],
    [256,     '3de52cdd026763e6e511012915d8ae3a'],
    [300,     '0e920801e0341a56f76a899dec83ccee'],
    [131_064, '08ca5a6dd4e13e28238405a22501c505'],
  ])('of %d bytes', (length, digest) => {
    expect(hex(createSipHash(KEY)(counting(length)))).toBe(digest)
  })

  test.each([
    // key                              text                                digest
    [new Uint8Array(16).fill(255),      '\u00ff'.repeat(300),               '0abae6025c33da40a85acf11ecff5bfe'],
    [KEY.map((byte) => 255 - byte),     'Basic YW5uOnJpZ2h0',               'ecbc38f2e3622393d00b2a6f81b6618c'],
    [KEY,                               'caf\u00e9 \u20ac \u{1f600}',       '210d4681389adbeb5d8fce527e387cac'],
  ])('under another key, and of UTF-8', (key, text, digest) => {
    expect(hex(createSipHash(key)(text))).toBe(digest)
  })
})

test('each call begins anew, and each key has its own', () => {
  const [one, other] = [createSipHash(KEY), createSipHash(KEY.map((byte) => 255 - byte))]
  const digests = ['a', 'Basic YW5uOnJpZ2h0', 'a', 'b'].map((text) => [hex(one(text)), hex(other(text))])
  expect(digests[2]).toEqual(digests[0])
  expect(new Set(digests.flat()).size).toBe(6)
  expect(digests[1]?.[1]).toBe('ecbc38f2e3622393d00b2a6f81b6618c')
})

test('a key in the middle of a buffer is read from there', () => {
  const buffer = new Uint8Array(32)
  buffer.set(KEY, 3)
  expect(createSipHash(buffer.subarray(3, 19))('text')).toEqual(createSipHash(KEY)('text'))
})

const WITHOUT: [string, string][] = [
  // what                    text
  ['too many bytes',         counting(131_065)],
  ['too many characters',    '\u20ac'.repeat(50_000)],
  ['half a pair',            'Basic \ud83d'],
  ['the other half',         '\udc00 Basic'],
]

test.each(WITHOUT)('%s: no digest, and the next one is right', (_what, text) => {
  const sipHash = createSipHash(KEY)
  expect(sipHash(text)).toBeUndefined()
  expect(hex(sipHash(counting(9)))).toBe('264499060ad9baabc47f8b02bb6d71ed')
})

test.each([['a header', 'Basic YW5uOnJpZ2h0'], ['whole blocks', counting(64)], ...WITHOUT])('nothing of the text stays in memory: %s', (_what, text) => {
  const encodeInto = vi.spyOn(TextEncoder.prototype, 'encodeInto')
  createSipHash(KEY)(text)
  const [[, room] = []] = encodeInto.mock.calls
  expect(new Uint8Array(room?.buffer as ArrayBuffer).every((byte) => byte === 0)).toBe(true)
})

test('a call that fails half-way does not spoil the next one, and leaves nothing behind it', () => {
  const sipHash = createSipHash(KEY)
  const encodeInto = vi.spyOn(TextEncoder.prototype, 'encodeInto').mockImplementationOnce((_text, room) => {
    room.fill(1)
    throw new RangeError('Maximum call stack size exceeded')
  })
  expect(() => sipHash('Basic YW5uOnJpZ2h0')).toThrow(RangeError)
  expect(hex(sipHash(counting(9)))).toBe('264499060ad9baabc47f8b02bb6d71ed')
  expect(new Uint8Array(encodeInto.mock.calls[0]?.[1].buffer as ArrayBuffer).every((byte) => byte === 0)).toBe(true)
})

test('where no WebAssembly may be compiled nothing has a digest', () => {
  vi.stubGlobal('WebAssembly', { Module: class { constructor() { throw new Error('disallowed by embedder') } } })
  expect(createSipHash(KEY)('text')).toBeUndefined()
})

test('where there is no WebAssembly nothing has a digest', () => {
  vi.stubGlobal('WebAssembly', undefined)
  expect(createSipHash(KEY)('text')).toBeUndefined()
})

test.each([0, 8, 15, 17, 32])('a key of %d bytes is an error', (length) => {
  expect(() => createSipHash(new Uint8Array(length))).toThrow(TypeError)
})
