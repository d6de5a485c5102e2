import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escaped, quoted, shown } from '../../src/text/printable.js'

describe('a value is shown on one line, short and harmless', () => {
  test.each([
    // says                        value                          shown
    ['a text in quotes',           'a',                           '"a"'],
    ['quotes',                     'a"b',                         '"a\\"b"'],
    ['a line break',               'a\nb',                        '"a\\nb"'],
    ['a terminal command',         '\x1b[2J',                     '"\\u001b[2J"'],
    ['DEL and C1',                 '\x7f\x9b',                    '"\\u007f\\u009b"'],
    ['a line separator',           'a\u2028b\u2029',              '"a\\u2028b\\u2029"'],
    ['text turned around',         'a\u202eb',                    '"a\\u202eb"'],
    ['what has no width',          'a\u200bb\ufeff',              '"a\\u200bb\\ufeff"'],
    ['beyond 16 bits',             'a\u{e0041}',                  '"a\\udb40\\udc41"'],
    ['half a character',           'a\ud800',                     '"a\\ud800"'],
    ['other languages',            'Zürich 東京 🚀',               '"Zürich 東京 🚀"'],
    ['a whole number',             7,                             '7'],
    ['a big whole number',         2n ** 64n,                     '18446744073709551616'],
    ['infinity',                   Number.NEGATIVE_INFINITY,      '-Infinity'],
    ['yes',                        true,                          'true'],
    ['a list of texts',            ['a', 'b\n'],                  '["a", "b\\n"]'],
    ['a mixed list',               ['a', 1],                      'an array'],
    ['a table',                    { password: 'x' },             'a table'],
    ['nothing at all',             null,                          'a table'],
    ['a date',                     new Date(0),                   'a date'],
    ['a private key',              '-----BEGIN PRIVATE KEY-----', '***'],
    ['a long text',                'é'.repeat(1_000),             `"${'é'.repeat(79)}…"`],
    ['a long list',                Array(50).fill('abc'),         `[${'"abc", '.repeat(11)}"…`],
  ])('%s', (_says, value, expected) => {
    expect(shown(value)).toBe(expected)
  })

  test('whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const line of [escaped(text), quoted(text), shown(text)]) {
          expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u)
        }
      }),
    )
  })
})
