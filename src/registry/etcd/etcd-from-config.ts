import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../config/config.js'
import type { Logger } from '../../log/logger.js'
import { type ClientTlsPaths, loadClientTls, readClientTls } from '../../tls/client-tls-files.js'
import { type WatchFilesOptions, watchFiles } from '../../tls/watch-files.js'
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

export interface EtcdFilesOptions {
  /** Told of files that have changed, and of those that cannot be used. */
  log?: Logger | undefined

  /** How changes are noticed. */
  watch?: WatchFilesOptions | undefined
}

/** What the keys of `etcdTlsPaths` begin with, for messages. */
export const ETCD_TLS = '[meta] etcd-'

/**
 * How etcd is reached, out of `[meta]` in the configuration. CA, certificate and key are read here, and only with
 * `etcd-use-tls`; and again when they change.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, naming key and path, if one is missing, unreadable or unusable
 */
export function etcdOptions(meta: EtcdConfig, { log, watch }: EtcdFilesOptions = {}): EtcdOptions {
  const password = meta.etcdPassword?.reveal() ?? ''
  return {
    endpoints: meta.etcdEndpoints,
    prefix: meta.etcdPrefix,
    timeout: meta.etcdTimeout,
    ...(meta.etcdUseTls && followedTls(etcdTlsPaths(meta), { log, watch })),
    ...(meta.etcdUsername !== '' && { login: { username: meta.etcdUsername, password } }),
  }
}

/** What the files hold now, and what they hold from then on. What cannot be used is logged, and what was used before stays. */
function followedTls(
  paths: ClientTlsPaths,
  { log, watch }: EtcdFilesOptions,
): Pick<EtcdOptions, 'tls' | 'followTls'> {
  let tls = loadClientTls(ETCD_TLS, paths)
  const named = Object.values(paths).filter((path) => path !== '')
  const followTls: EtcdOptions['followTls'] = (use) =>
    watchFiles(
      named,
      () => {
        const next = readClientTls(ETCD_TLS, paths)
        for (const problem of next.problems) {
          log?.error({}, `${problem}; what was read before is kept until the files change again`)
        }
        if (next.problems.length > 0 || isDeepStrictEqual(next.tls, tls)) return
        tls = next.tls
        use(tls)
        for (const warning of next.warnings) log?.warn({}, warning)
        log?.info({ files: named }, 'TLS files for etcd read again')
      },
      watch,
    )
  return { tls, ...(named.length > 0 && { followTls }) }
}

/** Where `[meta]` names CA, certificate and key. */
export function etcdTlsPaths(
  meta: Pick<EtcdConfig, 'etcdCa' | 'etcdCert' | 'etcdKey'>,
): ClientTlsPaths {
  return { ca: meta.etcdCa, cert: meta.etcdCert, key: meta.etcdKey }
}
