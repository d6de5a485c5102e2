import type { Config } from '../../config/config.js'
import { fingerprintOf } from './fingerprint.js'

/**
 * Remembers the files that are read only when the server starts: those of the connection to etcd.
 *
 * @returns the keys, by their full names, of those that hold something else now
 */
export function rememberFilesAtStart({ auth, meta }: Config): () => string[] {
  const isUsed = auth.metaAddr.length === 0 && meta.store === 'etcd' && meta.etcdUseTls
  const paths: [key: string, path: string][] = [
    ['meta.etcd-ca', meta.etcdCa],
    ['meta.etcd-cert', meta.etcdCert],
    ['meta.etcd-key', meta.etcdKey],
  ]
  const files = isUsed
    ? paths.map(([key, path]) => ({ key, path, was: fingerprintOf([path]) }))
    : []
  return () => files.filter(({ path, was }) => fingerprintOf([path]) !== was).map(({ key }) => key)
}
