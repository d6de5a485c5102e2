import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'
import type { Store } from '../registry/store/store.js'
import { loadOptional } from './optional-package.js'

/**
 * Opens the store that `[meta] store` names, and loads no other. One that cannot be opened is an error at once, instead of a start that
 * waits: whoever starts the program sees why, and a service manager tries again.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line
 */
export async function openStore({ meta }: Pick<Config, 'meta'>): Promise<Store> {
  if (meta.store === 'etcd') {
    const { etcdOptions } = await import('../registry/etcd/etcd-from-config.js')
    const { openEtcdStore } = await loadOptional(
      '@grpc/grpc-js',
      'use [meta] store = "lmdb"',
      () => import('../registry/etcd/etcd-store.js'),
    )
    return openEtcdStore(etcdOptions(meta))
  }
  const { openLmdbStore } = await loadOptional(
    'lmdb',
    'name a meta node with [auth] meta-addr',
    () => import('../registry/lmdb/lmdb-store.js'),
  )
  return openLmdbStore(meta.dir)
}

/**
 * Refuses to read a registry on this machine that was never made: to open it would make an empty one.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`
 */
export function requireRegistry({ meta }: Config): void {
  const { dir, store = 'lmdb' }: { dir: string; store?: string } = meta
  if (store !== 'lmdb' || existsSync(join(dir, 'data.mdb'))) return
  throw new AuthError('ERR_CONFIG_INVALID', `there is no registry in ${dir} ([meta] dir)`)
}
