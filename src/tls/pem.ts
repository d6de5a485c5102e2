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

/** The certificates in a PEM text that can be read; others are passed over. */
export function findCertificates(pem: string): readonly string[] {
  return (pem.match(CERTIFICATE) ?? []).filter(isCertificate)
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined
  } catch {
    return false
  }
}
