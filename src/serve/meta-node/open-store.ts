import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config/config.js'
import type { Logger } from '../../log/logger.js'
import type { Store } from '../../registry/store/store.js'
import { loadOptional } from '../optional-package.js'

export interface OpenStoreOptions {
  isChecked?: boolean | undefined
  log?: Logger
}

/**
 * Opens the store that `[meta] store` names, and loads no other. If it cannot be opened, that is an error at once instead
 * of a start that waits: the operator sees why, and a service manager tries again.
 *
 * @param options `isChecked`: whether another process of this program has just looked for damage; `log`: told of files of
 *   the connection to etcd that change
 * @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line
 */
export async function openStore(
  { meta }: Pick<Config, 'meta'>,
  { log, ...options }: OpenStoreOptions = {},
): Promise<Store> {
  if (meta.store === 'etcd') {
    const { openEtcdStore, etcdOptions } = await loadEtcd()
    return openEtcdStore(etcdOptions(meta, { log }))
  }
  const { openLmdbStore } = await loadLmdb()
  return openLmdbStore(meta.dir, options)
}

/**
 * Whether the package is there that the store needs; opens nothing.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, one line
 */
export async function requireStorePackage({ meta }: Pick<Config, 'meta'>): Promise<void> {
  await (meta.store === 'etcd' ? loadEtcd() : loadLmdb())
}

/**
 * The same, but undefined where there is no registry yet: none is made.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line
 */
export async function openExistingStore({
  meta,
}: Pick<Config, 'meta'>): Promise<Store | undefined> {
  if (meta.store !== 'etcd') {
    return existsSync(join(meta.dir, 'data.mdb')) ? openStore({ meta }) : undefined
  }
  const { openExistingEtcdStore, etcdOptions } = await loadEtcd()
  return openExistingEtcdStore(etcdOptions(meta))
}

/** Where the registry is, for messages. */
export function registryPlace({ meta }: Pick<Config, 'meta'>): string {
  return meta.store === 'etcd'
    ? `etcd below ${meta.etcdPrefix} ([meta] etcd-prefix)`
    : `${meta.dir} ([meta] dir)`
}

function loadLmdb() {
  const instead = 'name a meta node with [auth] meta-addr'
  return loadOptional('lmdb', instead, () => import('../../registry/lmdb/lmdb-store.js'))
}

async function loadEtcd() {
  const { etcdOptions } = await import('../../registry/etcd/etcd-from-config.js')
  const { openEtcdStore, openExistingEtcdStore } = await loadOptional(
    '@grpc/grpc-js',
    'use [meta] store = "lmdb"',
    () => import('../../registry/etcd/etcd-store.js'),
  )
  return { etcdOptions, openEtcdStore, openExistingEtcdStore }
}
