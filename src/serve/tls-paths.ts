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

/** The files of the server that `[http]` of `influxdb.conf` describes; undefined without HTTPS. */
export function influxdbServerTls(section: Config['influxdb']): TlsFiles | undefined {
  if (!section.httpsEnabled) return undefined
  return { certificate: section.httpsCertificate, key: section.httpsPrivateKey }
}

/** What the keys of `influxdbTlsPaths` begin with, for messages. */
export const INFLUXDB_TLS = '[gateway] influxdb-'

/** Where `[gateway]` names CA, certificate and key for InfluxDB; undefined if they are not used. */
export function influxdbTlsPaths(gateway: Config['gateway']): ClientTlsPaths | undefined {
  if (!gateway.influxdbUrl.startsWith('https:')) return undefined
  return { ca: gateway.influxdbCa, cert: gateway.influxdbCert, key: gateway.influxdbKey }
}

/** What the keys of `kapacitorTlsPaths` begin with, for messages. */
export const KAPACITOR_TLS = '[gateway] kapacitor-'

/** Where `[gateway]` names CA, certificate and key; undefined if they are not used. */
export function kapacitorTlsPaths(gateway: Config['gateway']): ClientTlsPaths | undefined {
  if (!gateway.kapacitorUrl.startsWith('https:')) return undefined
  return { ca: gateway.kapacitorCa, cert: gateway.kapacitorCert, key: gateway.kapacitorKey }
}

/** A file, and the key that names it: `[http] https-certificate`. */
export interface NamedFile {
  readonly option: string
  readonly path: string
}

/** The certificates that a server with this configuration shows: to its clients, and to the servers that it asks. */
export function namedCertificateFiles(config: Config): NamedFile[] {
  const { http, meta, auth, gateway, influxdb } = config
  const hasMetaNode = auth.metaAddr.length === 0
  const files: [isUsed: boolean, option: string, path: string][] = [
    [http.httpsEnabled, '[http] https-certificate', http.httpsCertificate],
    [hasMetaNode && meta.httpsEnabled, '[meta] https-certificate', meta.httpsCertificate],
    [!hasMetaNode && auth.metaUseTls, '[auth] meta-cert', auth.metaCert],
    [hasMetaNode && meta.store === 'etcd' && meta.etcdUseTls, '[meta] etcd-cert', meta.etcdCert],
    [kapacitorTlsPaths(gateway) !== undefined, '[gateway] kapacitor-cert', gateway.kapacitorCert],
    [influxdbTlsPaths(gateway) !== undefined, '[gateway] influxdb-cert', gateway.influxdbCert],
    [
      gateway.influxdbUrl !== '' && influxdb.httpsEnabled,
      'influxdb.conf: [http] https-certificate',
      influxdb.httpsCertificate,
    ],
  ]
  return files.flatMap(([isUsed, option, path]) =>
    isUsed && path !== '' ? [{ option, path }] : [],
  )
}

/** Those of a meta node that runs alone. */
export function metaNodeCertificates(config: Config): NamedFile[] {
  const auth = { ...config.auth, metaAddr: [] } // it asks no other meta node
  return namedCertificateFiles({ ...config, auth }).filter(({ option }) =>
    option.startsWith('[meta]'),
  )
}
