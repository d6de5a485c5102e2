import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUsablePassword, MAX_PASSWORD_BYTES } from '../../src/authn/passwords/password.js'

describe('a password has 1 to 72 bytes and no NUL', () => {
  test.each([
    // says                                  password                     expected
    ['one letter',                           'x',                         true],
    ['a space',                              ' ',                         true],
    ['72 bytes',                             'x'.repeat(72),              true],
    ['36 letters of two bytes',              'é'.repeat(36),              true],
    ['24 of three bytes',                    '€'.repeat(24),              true],
    ['18 of four bytes',                     '🔑'.repeat(18),             true],
    ['colons',                               'a:b:c',                     true],
    ['control characters',                   'a\n\x1b[2J',                true],
    ['U+FFFD, as a letter of its own',       '\uFFFD',                    true],
    ['empty',                                '',                          false],
    ['73 bytes',                             'x'.repeat(73),              false],
    ['36 letters of two bytes and one',      `${'é'.repeat(36)}x`,        false],
    ['24 of three bytes and one',            `${'€'.repeat(24)}x`,        false],
    ['18 of four bytes and one',             `${'🔑'.repeat(18)}x`,       false],
    ['37 letters of two bytes',              'é'.repeat(37),              false],
    ['a hundred thousand',                   'x'.repeat(100_000),         false],
    ['NUL',                                  '\0',                        false],
    ['NUL at the end',                       'apw\0',                     false],
    ['NUL inside',                           'apw\0apw',                  false],
    ['NUL at the start',                     '\0apw',                     false],
    ['half of a surrogate pair',             '\ud83d',                    false],
    ['the other half',                       'a\udd11b',                  false],
    ['the halves in the wrong order',        '\udd11\ud83d',              false],
  ])('%s', (_says, password, expected) => {
    expect(isUsablePassword(password)).toBe(expected)
  })

  test('whatever is accepted is one text, and one run of bytes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      const bytes = Buffer.from(text)
      const expected = bytes.length >= 1 && bytes.length <= MAX_PASSWORD_BYTES && !bytes.includes(0)
      expect(isUsablePassword(text)).toBe(expected)
      expect(bytes.toString()).toBe(text)
    }))
  })
})
