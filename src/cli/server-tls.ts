import type { Config } from '../config/config.js'
import type { TlsFiles } from './tls-files.js'

/** The files of the server that `[http]` or `[meta]` describes; undefined without HTTPS. */
export function serverTls(section: Config['http'] | Config['meta']): TlsFiles | undefined {
  if (!section.httpsEnabled) return undefined
  return {
    certificate: section.httpsCertificate,
    key: section.httpsPrivateKey,
    ...(section.httpsClientCa && {
      clientCa: section.httpsClientCa,
      clientCertificateOptional: section.httpsClientAuth === 'request',
    }),
  }
}
