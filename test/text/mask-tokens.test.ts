import { expect, test } from 'vitest'
import { loggedPath } from '../../src/http/logged-path.js'
import { auditText } from '../../src/middleware/audit-line.js'
import { maskTokens } from '../../src/text/mask-tokens.js'
import { shown } from '../../src/text/printable.js'

const HEX = '0123456789abcdef'.repeat(4)

test.each([
  // says                         text                                    masked
  ['an own token',                `kapa1_${HEX}`,                         'kapa1_***'],
  ['two',                         `kapa1_${HEX} kapa1_${HEX}`,            'kapa1_*** kapa1_***'],
  ['in capitals',                 `KAPA1_${HEX.toUpperCase()}`,           'KAPA1_***'],
  ['escaped',                     `kapa1%5F${HEX}`,                       'kapa1%5F***'],
  ['of a subscription',           `~subscriber:${HEX}`,                   '~subscriber:***'],
  ['behind a shown name',         `_sub:${HEX}`,                          '_sub:***'],
  ['escaped colon',               `_sub%3a${HEX}`,                        '_sub%3a***'],
  ['the id of a subscription',    '_sub:0123456789abcdef',                '_sub:0123456789abcdef'],
  ['too short for a token',       `kapa1_${HEX.slice(1)}`,                `kapa1_${HEX.slice(1)}`],
  ['a digest',                    HEX,                                    HEX],
  ['a name',                      'ann',                                  'ann'],
])('%s', (_says, text, masked) => {
  expect(maskTokens(text)).toBe(masked)
})

test.each([
  // says                     made by                                                shown
  ['a path',                  loggedPath(`/api/v0/tokens/kapa1_${HEX}`),             '/api/v0/tokens/kapa1_***'],
  ['a subscriber in a path',  loggedPath(`/kapacitor/v1/users/_sub:${HEX}`),         '/kapacitor/v1/users/_sub:***'],
  ['a name in the audit log', auditText(`kapa1_${HEX}`),                             '"kapa1_***"'],
  ['where a text is cut',     auditText(`${'x'.repeat(200)}kapa1_${HEX}`),           `"${'x'.repeat(200)}kapa1_***"`],
  ['a name in an error',      shown(`kapa1_${HEX}`),                                 '"kapa1_***"'],
  ['cut in an error',         shown(`${'x'.repeat(40)}kapa1_${HEX}`),                `"${'x'.repeat(40)}kapa1_***"`],
])('a token in the wrong place is not shown: %s', (_says, made, expected) => {
  expect(made).toBe(expected)
})
