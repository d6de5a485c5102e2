import { Gauge, Registry } from 'prom-client'
import { DAY, type Milliseconds } from '../time.js'

/** When a certificate expires, and the key of the configuration that names its file: `[http] https-certificate`. */
export interface CertificateExpiry {
  readonly option: string
  /** In milliseconds since 1970. */
  readonly expires: Milliseconds
}

/** Shows how long each certificate is valid, whenever metrics are asked for; as plain data, for `mergeMetrics`. */
export function createCertificateMetrics(
  expiries: () => readonly CertificateExpiry[],
  now: () => Milliseconds = Date.now,
): { snapshot(): Promise<object[]> } {
  const registry = new Registry()
  new Gauge({
    name: 'kapacitor_auth_certificate_expiry_days',
    help: 'Whole days until a certificate expires; negative afterwards. The label is its option in the configuration.',
    labelNames: ['option'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { option, expires } of expiries()) {
        this.set({ option }, Math.floor((expires - now()) / DAY))
      }
    },
  })
  return { snapshot: () => registry.getMetricsAsJSON() }
}
