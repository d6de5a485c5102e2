import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, monotonic, parseDuration } from '../src/time.js'

describe('a duration is read as Go reads it', () => {
  test.each([
    // text                   milliseconds
    ['0',                     0],
    ['-0',                    0],
    ['+0',                    0],
    ['0s',                    0],
    ['0.0s',                  0],
    ['00s',                   0],
    ['1ns',                   1e-6],
    ['1us',                   1e-3],
    ['1µs',                   1e-3], // U+00B5
    ['1μs',                   1e-3], // U+03BC
    ['1ms',                   1],
    ['1s',                    1_000],
    ['1m',                    60_000],
    ['1h',                    3_600_000],
    ['+1s',                   1_000],
    ['-1s',                   -1_000],
    ['.5s',                   500],
    ['-.5s',                  -500],
    ['1.s',                   1_000],
    ['1.5h',                  5_400_000],
    ['1h30m',                 5_400_000],
    ['30m1h',                 5_400_000],
    ['1m1m',                  120_000],
    ['1h0m0s',                3_600_000],
    ['-1h30m',                -5_400_000],
    ['10h0.5m4.25s300ms',     36_034_550],
    ['007s',                  7_000],
    ['0.100000000000000000000s', 100],
    ['2562047h',              2562047 * 3_600_000],
    ['-2562047h',             -2562047 * 3_600_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 6)
  })

  test.each([
    // says                           text
    ['nothing',                       ''],
    ['a sign alone',                  '-'],
    ['a sign alone',                  '+'],
    ['two signs',                     '--1s'],
    ['two signs',                     '+-1s'],
    ['a sign in the middle',          '1h-30m'],
    ['a number without unit',         '1'],
    ['a number without unit',         '10'],
    ['zero in other words',           '00'],
    ['zero in other words',           '0.0'],
    ['a number without unit at last', '1h30'],
    ['a unit alone',                  's'],
    ['a unit alone',                  'h1m'],
    ['a point alone',                 '.'],
    ['a point for a number',          '.s'],
    ['a point for a number',          '-.s'],
    ['two points',                    '1.2.3s'],
    ['a comma',                       '1,5s'],
    ['days',                          '1d'],
    ['weeks',                         '1w'],
    ['months',                        '1M'],
    ['years',                         '1y'],
    ['upper case',                    '1H'],
    ['upper case',                    '1S'],
    ['upper case',                    '1Ms'],
    ['whole words',                   '1sec'],
    ['whole words',                   '1 hour'],
    ['a space before the unit',       '1 h'],
    ['a space before',                ' 1h'],
    ['a space after',                 '1h '],
    ['a space between',               '1h 30m'],
    ['a line break',                  '1h\n'],
    ['NUL',                           '1h\0'],
    ['an exponent',                   '1e3s'],
    ['a hexadecimal number',          '0x1s'],
    ['an underscore',                 '1_000s'],
    ['other digits',                  '٣s'],
    ['full-width digits',             '１s'],
    ['infinity',                      'Infinitys'],
    ['not a number',                  'NaNs'],
    ['a clock',                       '01:30:00'],
    ['ISO 8601',                      'PT1H'],
    ['more than 292 years',           '2562048h'],
    ['more than 292 years',           '-2562048h'],
    ['more than 292 years',           '9223372036855ms1000000000000000s'],
    ['more than 292 years',           '100000000000000000000ns'],
    ['more than 292 years',           `1${'0'.repeat(400)}h`],
  ])('refuses %s: %j', (_says, text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test('agrees with whole-number arithmetic on any text', () => {
    const piece = fc.constantFrom(...'0123456789'.split(''), '.', '-', '+', 'h', 'm', 's', 'ms', 'us', 'µs', 'μs', 'ns', 'd', ' ', 'e')
    const texts = fc.oneof(
      fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
      fc.array(fc.tuple(number, unit), { minLength: 1, maxLength: 5 }).map((parts) => parts.flat().join('')),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    )
    fc.assert(
      fc.property(fc.constantFrom('', '-', '+'), texts, (sign, body) => {
        const text = sign + body
        const expected = nanoseconds(text)
        // At the very edge of 64 bits a floating point number cannot tell one nanosecond from the next.
        fc.pre(expected === undefined || magnitude(expected) < LIMIT - 4096n || magnitude(expected) > LIMIT + 4096n)
        const actual = parseDuration(text)
        if (expected === undefined || magnitude(expected) >= LIMIT) expect(actual).toBeUndefined()
        else {
          const ms = Number(expected) / 1e6
          expect(Math.abs((actual as number) - ms)).toBeLessThanOrEqual(1e-5 + Math.abs(ms) * 1e-14)
        }
      }),
      { numRuns: 5_000 },
    )
  })

  test('keeps no state from one text to the next', () => {
    expect(parseDuration('1h30')).toBeUndefined()
    expect(parseDuration('1h')).toBe(3_600_000)
    expect(parseDuration('1h')).toBe(3_600_000)
  })
})

describe('a duration is written as Go writes it', () => {
  test.each([
    // milliseconds   text
    [0,               '0s'],
    [1e-6,            '1ns'],
    [1e-3,            '1µs'],
    [0.0015,          '1.5µs'],
    [1,               '1ms'],
    [1.5,             '1.5ms'],
    [500,             '500ms'],
    [1_000,           '1s'],
    [1_500,           '1.5s'],
    [60_000,          '1m0s'],
    [600_000,         '10m0s'],
    [3_600_000,       '1h0m0s'],
    [5_400_000,       '1h30m0s'],
    [-5_400_000,      '-1h30m0s'],
    [90_061_000,      '25h1m1s'],
    [60_000.0001,     '1m0.0000001s'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  test('B7: and what is written is read again, to the nanosecond', () => {
    const sizes = [1e3, 1e6, 1e9, 1e12, 1e15].map((max) => fc.integer({ min: -max, max }))
    fc.assert(
      fc.property(fc.oneof(...sizes), (ns) => {
        expect(Math.round((parseDuration(formatDuration(ns / 1e6)) as number) * 1e6) + 0).toBe(ns + 0)
      }),
      { numRuns: 2_000 },
    )
  })
})

test('the clock never steps back', () => {
  const first = monotonic()
  expect(monotonic()).toBeGreaterThanOrEqual(first)
})

const LIMIT = 2n ** 63n

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n, us: 1_000n, 'µs': 1_000n, 'μs': 1_000n, ms: 10n ** 6n, s: 10n ** 9n, m: 60n * 10n ** 9n, h: 3600n * 10n ** 9n,
}

const unit = fc.constantFrom(...Object.keys(UNITS), '', 'd')

const number = fc.oneof(
  fc.nat().map(String),
  fc.tuple(fc.nat(9999), fc.stringMatching(/^[0-9]{0,8}$/)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.stringMatching(/^\.[0-9]{0,4}$/),
  fc.stringMatching(/^[1-9][0-9]{0,20}$/),
)

/** The grammar of the documentation of `time.ParseDuration`, with exact arithmetic; undefined if it is not a duration. */
function nanoseconds(text: string): bigint | undefined {
  const [, sign, body] = /^([-+]?)(.*)$/s.exec(text) as unknown as [string, string, string]
  if (body === '0') return 0n
  let rest = body
  let total = 0n
  do {
    const part = /^([0-9]*)(\.?)([0-9]*)(ns|us|µs|μs|ms|s|m|h)/.exec(rest)
    if (!part || `${part[1]}${part[3]}` === '') return undefined
    const [all, whole = '', , fraction = '', name = ''] = part
    const size = UNITS[name] as bigint
    total += BigInt(whole || '0') * size
    total += (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length)
    rest = rest.slice(all.length)
  } while (rest !== '')
  return sign === '-' ? -total : total
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
