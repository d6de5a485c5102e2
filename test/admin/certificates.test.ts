import { describe, expect, test } from 'vitest'
import type { ShownCertificate } from '../../src/admin/certificate-metrics.js'
import { certificatePart } from '../../src/admin/certificate-part.js'
import { createMetrics, mergeMetrics } from '../../src/admin/metrics.js'

const NOW = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const shown = (title: string, hours: number): ShownCertificate => ({ title, certificate: { validTo: new Date(NOW + hours * HOUR).toUTCString() } })
const SERVER = '[http] https-certificate (/etc/ssl/a.pem)'
const CLIENTS = '[http] https-client-ca (/etc/ssl/ca.pem)'

describe('B3, D7: readiness shows the certificate that expires first', () => {
  test.each<[string, ShownCertificate[], boolean, number, string]>([
    // says                certificates                                      ready   days   reason
    ['of one',             [shown(SERVER, 49)],                              true,   2,     `${SERVER} expires in 2 days, on Sat, 03 Jan 2026 01:00:00 GMT`],
    ['of two',             [shown(SERVER, 4_900), shown(CLIENTS, 100)],      true,   4,     `${CLIENTS} expires in 4 days, on Mon, 05 Jan 2026 04:00:00 GMT`],
    ['in its last hour',   [shown(SERVER, 1)],                               true,   0,     `${SERVER} expires in 0 days, on Thu, 01 Jan 2026 01:00:00 GMT`],
    ['in its last moment', [shown(SERVER, 0)],                               false,  0,     `${SERVER} expired on Thu, 01 Jan 2026 00:00:00 GMT`],
    ['that has expired',   [shown(SERVER, 900), shown(CLIENTS, -25)],        false,  -2,    `${CLIENTS} expired on Tue, 30 Dec 2025 23:00:00 GMT`],
  ])('%s', (_says, certificates, ready, daysLeft, reason) => {
    expect(certificatePart(certificates, NOW)).toEqual({ name: 'certificates', ready, required: false, reason, daysLeft })
  })

  test('nothing without one', () => {
    expect(certificatePart([], NOW)).toBeUndefined()
  })
})

test('D7: the days are in metrics, by option, without the path; of several processes the least', async () => {
  const at = (days: number) => new Date(Date.now() + days * 24 * HOUR + HOUR).toUTCString()
  const of = (days: number) => createMetrics({ process: false, certificates: () => [{ title: SERVER, certificate: { validTo: at(days) } }, { title: CLIENTS, certificate: { validTo: at(-3) } }] })
  const text = await of(12).text()
  expect(text).toContain('kapacitor_auth_certificate_expiry_days{option="[http] https-certificate"} 12\n')
  expect(text).toContain('kapacitor_auth_certificate_expiry_days{option="[http] https-client-ca"} -3\n')
  expect(text).not.toContain('.pem')
  const merged = await mergeMetrics([await of(12).snapshot(), await of(9).snapshot()])
  expect(merged).toContain('kapacitor_auth_certificate_expiry_days{option="[http] https-certificate"} 9\n')
})
