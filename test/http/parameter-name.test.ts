import { expect, test, vi } from 'vitest'
import { isParameter } from '../../src/http/parameter-name.js'
import { queryParameter } from '../../src/http/query-parameter.js'

const isU = (name: string) => name === 'u'

test.each<[string, string, boolean | undefined]>([
  // says                              name in the query   is u
  ['as it stands',                     'u',                true],
  ['escaped',                          '%75',              true],
  ['another name',                     'user',             false],
  ['another case',                     'U',                false],
  ['escaped twice',                    '%2575',            false],
  ['no name',                          '',                 false],
  ['with an accent',                   '%C3%BC',           false],
  ['D8: a space before it',            '+u',               undefined],
  ['D8: a space behind it',            'u+',               undefined],
  ['escaped spaces',                   '%20u%20',          undefined],
  ['a question mark before it',        '?u',               undefined],
  ['a space that is not ASCII',        '%C2%A0u',          undefined],
  ['D8: NUL behind it',                'u%00',             undefined],
  ['a line feed before another name',  '%0Auser',          undefined],
  ['a broken escape',                  'u%',               undefined],
  ['a broken escape of another name',  'user%2',           undefined],
  ['bytes that are not UTF-8',         'u%FF',             undefined],
  ['a character that is not a byte',   '\u0175',           undefined],
])('%s', (_says, name, expected) => {
  expect(isParameter(name, isU)).toBe(expected)
})

test('D4: thousands of names are compared, twice each at the most, and none makes a buffer', () => {
  const allocate = vi.spyOn(Buffer, 'allocUnsafe')
  const from = vi.spyOn(Buffer, 'from')
  let compared = 0
  for (let i = 0; i < 3_000; i++) {
    isParameter('%61+', (name) => { compared++; return name === 'u' })
  }
  expect(queryParameter(`/x?${'%61=%62&'.repeat(3_000)}`, 'u')).toEqual({ values: [], ambiguous: false })
  expect([compared, allocate.mock.calls.length, from.mock.calls.length]).toEqual([6_000, 0, 0])
  vi.restoreAllMocks()
})
