import { expect, test } from 'vitest'
import { formatTime, parseTime } from '../../src/text/rfc3339.js'

test.each<[string, string | undefined]>([
  ['2030-01-01T00:00:00Z',              '2030-01-01T00:00:00.000Z'],
  ['2030-01-01t00:00:00z',              '2030-01-01T00:00:00.000Z'],
  ['2030-01-01 00:00:00Z',              '2030-01-01T00:00:00.000Z'],
  ['2030-01-01T00:00:00.1234567Z',      '2030-01-01T00:00:00.123Z'],
  ['2030-01-01T00:00:00+0000',          '2030-01-01T00:00:00.000Z'],
  ['2030-01-01T01:30:00+01:30',         '2030-01-01T00:00:00.000Z'],
  ['2029-12-31T22:30:00-0130',          '2030-01-01T00:00:00.000Z'],
  ['2028-02-29T23:59:59Z',              '2028-02-29T23:59:59.000Z'],
  ['9999-12-31T23:59:59Z',              '9999-12-31T23:59:59.000Z'],
  ['1970-01-01T00:00:00Z',              '1970-01-01T00:00:00.000Z'],
  ['1969-12-31T23:59:59Z',              undefined],
  ['0001-01-01T00:00:00Z',              undefined],
  ['2030-02-29T00:00:00Z',              undefined],
  ['2030-04-31T00:00:00Z',              undefined],
  ['2030-13-01T00:00:00Z',              undefined],
  ['2030-00-10T00:00:00Z',              undefined],
  ['2030-01-00T00:00:00Z',              undefined],
  ['2030-01-01T24:00:00Z',              undefined],
  ['2030-01-01T00:60:00Z',              undefined],
  ['2030-01-01T00:00:60Z',              undefined],
  ['2030-01-01T00:00:00+24:00',         undefined],
  ['2030-01-01T00:00:00+00:60',         undefined],
  ['2030-01-01T00:00:00',               undefined],
  ['2030-01-01',                        undefined],
  ['2030-1-1T00:00:00Z',                undefined],
  ['+002030-01-01T00:00:00Z',           undefined],
  ['Tue, 01 Jan 2030 00:00:00 GMT',     undefined],
  ['1893456000',                        undefined],
  ['2030-01-01T00:00:00Z ',             undefined],
  ['',                                  undefined],
])('%j is %s', (text, expected) => {
  const time = parseTime(text)
  expect(time === undefined ? undefined : new Date(time).toISOString()).toBe(expected)
})

test.each<[number | string, string]>([
  [1_893_456_000_999,              '2030-01-01T00:00:00Z'],
  ['2030-01-01T01:30:00.5+01:30',  '2030-01-01T00:00:00Z'],
])('%j is written %s', (time, expected) => {
  expect(formatTime(time)).toBe(expected)
})
