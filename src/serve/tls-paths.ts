import type { Config } from '../config/config.js'
import type { ClientTlsPaths } from '../tls/client-tls-files.js'
import type { TlsFiles } from '../tls/server-tls-files.js'

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

/** What the keys of `kapacitorTlsPaths` begin with, for messages. */
export const KAPACITOR_TLS = '[gateway] kapacitor-'

/** Where `[gateway]` names CA, certificate and key; undefined if they are not used. */
export function kapacitorTlsPaths(gateway: Config['gateway']): ClientTlsPaths | undefined {
  if (!gateway.kapacitorUrl.startsWith('https:')) return undefined
  return { ca: gateway.kapacitorCa, cert: gateway.kapacitorCert, key: gateway.kapacitorKey }
}
