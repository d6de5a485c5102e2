import type { Config } from '../config/config.js'
import type { ClientTlsPaths } from '../meta-client/client-tls-files.js'

/** What the keys of `kapacitorTlsPaths` begin with, for messages. */
export const KAPACITOR_TLS = '[gateway] kapacitor-'

/** Where `[gateway]` names CA, certificate and key; undefined if they are not used. */
export function kapacitorTlsPaths(gateway: Config['gateway']): ClientTlsPaths | undefined {
  if (!gateway.kapacitorUrl.startsWith('https:')) return undefined
  return { ca: gateway.kapacitorCa, cert: gateway.kapacitorCert, key: gateway.kapacitorKey }
}
