import { Gauge, type Registry } from 'prom-client'

/** A certificate in use, and what it is called: `[http] https-certificate (/etc/ssl/server.pem)`. */
export interface ShownCertificate {
  readonly title: string
  readonly certificate: { readonly validTo: string }
}

/** The certificates in use, just now. */
export type CertificateSource = () => readonly ShownCertificate[]

const DAY = 24 * 60 * 60 * 1000

/** How many whole days are left until a certificate expires; negative afterwards. */
export function daysLeft({ certificate }: ShownCertificate, now: number): number {
  return Math.floor((Date.parse(certificate.validTo) - now) / DAY)
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
