import { expect, test } from 'vitest'
import { createCertificateMetrics } from '../../src/admin/certificate-metrics.js'
import { createMetrics, mergeMetrics } from '../../src/admin/metrics.js'

const NOW = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000

test.each([
  // says                 hours left  days
  ['days',                49,         2],
  ['its last hour',       1,          0],
  ['just expired',        -1,         -1],
  ['long expired',        -25,        -2],
])('D7: metrics show a certificate\u2019s days: %s', async (_says, hours, days) => {
  const dates = createCertificateMetrics(() => [{ option: '[http] https-certificate', expires: NOW + hours * HOUR }], () => NOW)
  const text = await mergeMetrics([await dates.snapshot(), await createMetrics({ process: false }).snapshot()])
  expect(text).toContain(`kapacitor_auth_certificate_expiry_days{option="[http] https-certificate"} ${days}\n`)
})

test('D7: one that is used no more is shown no more', async () => {
  let expiries = [{ option: 'a', expires: NOW }, { option: 'b', expires: NOW }]
  const dates = createCertificateMetrics(() => expiries, () => NOW)
  expect(await mergeMetrics([await dates.snapshot()])).toContain('option="a"')
  expiries = expiries.slice(1)
  expect(await mergeMetrics([await dates.snapshot()])).not.toContain('option="a"')
})
