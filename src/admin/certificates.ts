import { Gauge, type Registry } from 'prom-client'
import type { Part } from './administered.js'

/** A certificate in use, and what it is called: `[http] https-certificate (/etc/ssl/server.pem)`. */
export interface ShownCertificate {
  readonly title: string
  readonly certificate: { readonly validTo: string }
}

/** The certificates in use, just now. */
export type CertificateSource = () => readonly ShownCertificate[]

const DAY = 24 * 60 * 60 * 1000

/** How many whole days are left until a certificate expires; negative afterwards. */
function daysLeft({ certificate }: ShownCertificate, now: number): number {
  return Math.floor((Date.parse(certificate.validTo) - now) / DAY)
}

/**
 * The part of readiness that shows the certificate which expires first; undefined without certificates. One that has expired
 * is shown, and does not make the server unready: it may be that every server has the same one.
 */
export function certificatePart(
  certificates: readonly ShownCertificate[],
  now: number = Date.now(),
): Part | undefined {
  const [first] = [...certificates].sort((a, b) => daysLeft(a, now) - daysLeft(b, now))
  if (!first) return undefined
  const days = daysLeft(first, now)
  const isOver = Date.parse(first.certificate.validTo) <= now
  const when = isOver
    ? `expired on ${first.certificate.validTo}`
    : `expires in ${days} days, on ${first.certificate.validTo}`
  const reason = `${first.title} ${when}`
  return { name: 'certificates', ready: !isOver, required: false, reason, daysLeft: days }
}

/** Shows how long each certificate is valid, whenever metrics are asked for. */
export function registerCertificateMetrics(registers: Registry[], source: CertificateSource): void {
  new Gauge({
    name: 'kapacitor_auth_certificate_expiry_days',
    help: 'Whole days until a certificate in use expires; negative afterwards. The label is its option in the configuration.',
    labelNames: ['option'],
    aggregator: 'min', // all processes use the same files
    registers,
    collect() {
      this.reset()
      const now = Date.now()
      for (const one of source()) {
        const option = one.title.replace(/ \(.*$/s, '')
        this.set({ option }, daysLeft(one, now))
      }
    },
  })
}
