import { X509Certificate } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { daysLeft, expiryWarning, watchExpiry } from '../../src/tls/expiry.js'
import { makeCertificates } from '../support/certificates.js'

const DAY = 86_400_000
const HOUR = 3_600_000
/** Valid from 30 days ago for 60 days. */
let certificate: X509Certificate
let end: number
beforeAll(async () => {
  certificate = new X509Certificate((await makeCertificates()).server.cert)
  end = Date.parse(certificate.validTo)
})

const before = (ms: number) => new Date(end - ms)
const dates = (days: number) => ({ validFrom: new Date(end - days * DAY).toUTCString(), validTo: certificate.validTo }) as X509Certificate

describe('D7: what is said of a certificate', () => {
  test.each([
    // lifetime  before its end    says
    [60,         59 * DAY,         undefined],
    [60,         14 * DAY,         undefined],
    [60,         14 * DAY - 1,     'expires in 13 days: '],
    [60,         DAY + HOUR,       'expires in 1 day: '],
    [60,         DAY - 1,          'expires in 23 hours: '],
    [60,         HOUR,             'expires in 1 hour: '],
    [60,         HOUR - 1,         'expires in less than an hour: '],
    [60,         0,                'has expired: '],
    [60,         -DAY,             'has expired: '],
    [60,         61 * DAY,         'is not valid before '],
    [8,          2 * DAY,          undefined],
    [8,          2 * DAY - 1,      'expires in 1 day: '],
    [1,          6 * HOUR,         undefined],
    [1,          6 * HOUR - 1,     'expires in 5 hours: '],
  ])('valid for %i days, %i ms before its end: %s', (days, ms, says) => {
    const warning = expiryWarning(dates(days), before(ms))
    if (says === undefined) expect(warning).toBeUndefined()
    else expect(warning).toMatch(new RegExp(`^${says}.* GMT$`))
  })

  test.each([
    [10 * DAY,   10],
    [0.5 * DAY,  0.5],
    [-2 * DAY,   -2],
  ])('%i ms before its end: %d days are left', (ms, expected) => {
    expect(daysLeft(certificate, before(ms))).toBe(expected)
  })
})

describe('D7: while it is in use', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function watch(first: Date) {
    const warnings: string[] = []
    vi.setSystemTime(first)
    const log = { info() {}, error() {}, warn: (_: object, message: string) => void warnings.push(message) }
    const stop = watchExpiry(() => [{ title: '[http] https-certificate (x)', certificate }], log)
    return { warnings, stop }
  }

  test('it is told before it expires, once a day, and when it has', () => {
    const { warnings, stop } = watch(before(15 * DAY))
    vi.advanceTimersByTime(DAY)
    expect(warnings).toHaveLength(0)
    vi.advanceTimersByTime(HOUR)
    expect(warnings).toEqual([expect.stringMatching(/^\[http\] https-certificate \(x\) expires in 13 days: /)])
    vi.advanceTimersByTime(13 * DAY)
    expect(warnings.length).toBeGreaterThanOrEqual(13)
    expect(warnings.length).toBeLessThanOrEqual(15)
    const known = warnings.length
    vi.advanceTimersByTime(DAY)
    expect(warnings.slice(known).at(-1)).toMatch(/ has expired: /)
    stop()
    const after = warnings.length
    vi.advanceTimersByTime(10 * DAY)
    expect(warnings).toHaveLength(after)
  })

  test('what was told when it was read is not told again the same day', () => {
    const start = before(10 * DAY)
    start.setUTCHours(1)
    const { warnings } = watch(start)
    vi.advanceTimersByTime(20 * HOUR)
    expect(warnings).toEqual([])
    vi.advanceTimersByTime(4 * HOUR)
    expect(warnings).toHaveLength(1)
  })
})
