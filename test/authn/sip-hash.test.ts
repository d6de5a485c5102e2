import { describe, expect, test } from 'vitest'
import { createSipHash } from '../../src/authn/sip-hash.js'

/** 00 01 02 … 0f, as in the algorithm's published vectors. */
const KEY = Uint8Array.from({ length: 16 }, (_, i) => i)

/** 00 01 02 … */
const counting = (length: number) => String.fromCharCode(...Array.from({ length }, (_, i) => i & 0xff))

const hex = (digest: string | undefined) => Buffer.from(digest ?? '', 'utf16le').toString('hex')

describe('it is SipHash-2-4-128, as `openssl mac -macopt size:16 SIPHASH` says it', () => {
  test.each([
    // characters  digest
    [0,            'a3817f04ba25a8e66df67214c7550293'],
    [1,            'da87c1d86b99af44347659119b22fc45'],
    [7,            'a1f1ebbed8dbc153c0b84aa61ff08239'],
    [8,            '3b62a9ba6258f5610f83e264f31497b4'],
    [9,            '264499060ad9baabc47f8b02bb6d71ed'],
    [15,           '5493e99933b0a8117e08ec0f97cfc3d9'],
    [16,           '6ee2a4ca67b054bbfd3315bf85230577'],
    [17,           '473d06e8738db89854c066c47ae47740'],
    [63,           '5150d1772f50834a503e069a973fbd7c'],
    [64,           '1eaf077dc0d4cd3f8cad4d383658a74b'],
    [255,          '1c9bb67528165f8e468248e3799b0eab'],
    [256,          '67a00304d3834c4612eaee7b5f579acb'],
    [300,          'ce005a406d14b36d5386b5f7a7e1b311'],
  ])('of %d characters', (length, digest) => {
    expect(hex(createSipHash(KEY)(counting(length)))).toBe(digest)
  })

  test.each([
    // key                              text                    digest
    [new Uint8Array(16).fill(255),      '\u00ff'.repeat(300),   'c6554aa9fae3b87a15aa400452ff75a9'],
    [KEY.map((byte) => 255 - byte),     'Basic YW5uOnJpZ2h0',   'ecbc38f2e3622393d00b2a6f81b6618c'],
  ])('under another key', (key, text, digest) => {
    expect(hex(createSipHash(key)(text))).toBe(digest)
  })
})

test('a key in the middle of a buffer is read from there', () => {
  const buffer = new Uint8Array(32)
  buffer.set(KEY, 3)
  expect(createSipHash(buffer.subarray(3, 19))('text')).toBe(createSipHash(KEY)('text'))
})

test.each(['\u0100', 'caf\u00e9 \u20ac', `${'x'.repeat(16)}\u{1f600}`, `\u0141${'x'.repeat(15)}`])('%j has no digest', (text) => {
  expect(createSipHash(KEY)(text)).toBeUndefined()
})

test.each([0, 8, 15, 17, 32])('a key of %d bytes is an error', (length) => {
  expect(() => createSipHash(new Uint8Array(length))).toThrow(TypeError)
})
