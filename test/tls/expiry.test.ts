import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { daysLeft, expiryWarning } from '../../src/tls/expiry.js'
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
