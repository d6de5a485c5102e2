import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { parseCertificates } from './pem.js'
import { systemAuthorities } from './system-authorities.js'
import type { ClientTlsTexts } from './tls-mistakes.js'

/**
 * How certificates are verified, as Go's programs do it: whatever is in a CA file is trusted, be it a root, an
 * intermediate CA, or the very certificate of the other side. OpenSSL by itself insists on a root.
 */
export const TRUST: SecureContextOptions = { allowPartialTrustChain: true, minVersion: 'TLSv1.2' }

/**
 * What `tls.connect` needs to know about certificates: TLS 1.2 or newer; the CAs in `ca`, or those of the system
 * (`systemAuthorities`) where there is no `ca`; and our own certificate, if there is one.
 *
 * @throws Error of OpenSSL if a text cannot be used: check them by `tlsMistakes` first
 */
export function createClientContext(
  { ca, cert, key }: ClientTlsTexts,
  env: NodeJS.ProcessEnv = process.env,
): SecureContext {
  const authorities = ca === undefined ? systemAuthorities(env) : parseCertificates(ca)
  const chain = cert === undefined ? undefined : parseCertificates(cert)?.join('\n')
  return createSecureContext({
    ...TRUST,
    ...(authorities && { ca: [...authorities] }),
    cert: chain,
    key,
  })
}
