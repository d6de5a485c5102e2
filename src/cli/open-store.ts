import type { Config } from '../config/config.js'
import type { Store } from '../meta-node/store.js'

/**
 * Opens the store that `[meta] store` names, and loads no other. One that cannot be opened is an error at once, instead of a start that
 * waits: whoever starts the program sees why, and a service manager tries again.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line
 */
export async function openStore({ meta }: Pick<Config, 'meta'>): Promise<Store> {
  if (meta.store === 'etcd') {
    const { etcdOptions } = await import('../meta-node/etcd-from-config.js')
    const { openEtcdStore } = await import('../meta-node/etcd-store.js')
    return openEtcdStore(etcdOptions(meta))
  }
  const { openLmdbStore } = await import('../meta-node/lmdb-store.js')
  return openLmdbStore(meta.dir)
}
