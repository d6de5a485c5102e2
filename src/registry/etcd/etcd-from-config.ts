import type { Config } from '../../config/config.js'
import { type ClientTlsPaths, loadClientTls } from '../../tls/client-tls-files.js'
import type { EtcdOptions } from './etcd-options.js'

type EtcdConfig = Pick<
  Config['meta'],
  | 'etcdEndpoints'
  | 'etcdUseTls'
  | 'etcdCa'
  | 'etcdCert'
  | 'etcdKey'
  | 'etcdUsername'
  | 'etcdPassword'
  | 'etcdPrefix'
  | 'etcdTimeout'
>

/** What the keys of `etcdTlsPaths` begin with, for messages. */
export const ETCD_TLS = '[meta] etcd-'

/**
 * How etcd is reached, out of `[meta]` in the configuration. CA, certificate and key are read here, and only with
 * `etcd-use-tls`.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, naming key and path, if one is missing, unreadable or unusable
 */
export function etcdOptions(meta: EtcdConfig): EtcdOptions {
  const password = meta.etcdPassword?.reveal() ?? ''
  return {
    endpoints: meta.etcdEndpoints,
    prefix: meta.etcdPrefix,
    timeout: meta.etcdTimeout,
    ...(meta.etcdUseTls && { tls: loadClientTls(ETCD_TLS, etcdTlsPaths(meta)) }),
    ...(meta.etcdUsername !== '' && { login: { username: meta.etcdUsername, password } }),
  }
}

/** Where `[meta]` names CA, certificate and key. */
export function etcdTlsPaths(
  meta: Pick<EtcdConfig, 'etcdCa' | 'etcdCert' | 'etcdKey'>,
): ClientTlsPaths {
  return { ca: meta.etcdCa, cert: meta.etcdCert, key: meta.etcdKey }
}
