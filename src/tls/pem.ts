import { X509Certificate } from 'node:crypto'

const BEGIN = /-----BEGIN CERTIFICATE-----/g
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The certificates in a PEM text (RFC 7468 §5), one by one: OpenSSL overlooks one that begins on the line on
 * which another ends, as in files that were put together by `cat`.
 *
 * @returns undefined if there is none, or one that cannot be read
 */
export function parseCertificates(pem: string): readonly string[] | undefined {
  const certificates = pem.match(CERTIFICATE) ?? []
  if (certificates.length === 0 || certificates.length !== pem.match(BEGIN)?.length)
    return undefined
  return certificates.every(isCertificate) ? certificates : undefined
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined
  } catch {
    return false
  }
}

/** What is to be said of a certificate's dates: `has expired: …` or `is not valid before …`; undefined in between. */
export function validityMistake(certificate: X509Certificate, now: Date): string | undefined {
  if (now > new Date(certificate.validTo)) return `has expired: ${certificate.validTo}`
  if (now < new Date(certificate.validFrom)) return `is not valid before ${certificate.validFrom}`
  return undefined
}
