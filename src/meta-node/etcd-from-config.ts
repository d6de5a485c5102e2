import { readFileSync } from 'node:fs'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'
import { tlsMistake } from '../meta-client/tls-mistake.js'
import type { EtcdOptions, EtcdTls } from './etcd-options.js'

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
    ...(meta.etcdUseTls && { tls: loadTls(meta) }),
    ...(meta.etcdUsername !== '' && { login: { username: meta.etcdUsername, password } }),
  }
}

function loadTls(meta: EtcdConfig): EtcdTls {
  const paths = { ca: meta.etcdCa, cert: meta.etcdCert, key: meta.etcdKey }
  const tls: { ca?: string; cert?: string; key?: string } = {}
  for (const option of ['ca', 'cert', 'key'] as const) {
    if (paths[option] !== '') tls[option] = load(option, paths[option])
  }
  const mistake = tlsMistake(tls)
  if (mistake) throw invalid(mistake.option, paths[mistake.option], mistake.says)
  return tls
}

function load(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw invalid(option, path, code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`)
  }
}

function invalid(option: string, path: string, says: string): AuthError {
  return new AuthError('ERR_CONFIG_INVALID', `[meta] etcd-${option}: ${path} ${says}`)
}
