import type { X509Certificate } from 'node:crypto'

/** What is to be said of a certificate's dates: `has expired: …` or `is not valid before …`; undefined in between. */
export function validityMistake(certificate: X509Certificate, now: Date): string | undefined {
  if (now > new Date(certificate.validTo)) return `has expired: ${certificate.validTo}`
  if (now < new Date(certificate.validFrom)) return `is not valid before ${certificate.validFrom}`
  return undefined
}
