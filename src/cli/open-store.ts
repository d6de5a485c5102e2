import type { Config } from '../config/config.js'
import { etcdOptions } from '../meta-node/etcd-from-config.js'
import { openEtcdStore } from '../meta-node/etcd-store.js'
import { openLmdbStore } from '../meta-node/lmdb-store.js'
import type { Store } from '../meta-node/store.js'

/**
 * Opens the store that `[meta] store` names. One that cannot be opened is an error at once, instead of a start that
 * waits: whoever starts the program sees why, and a service manager tries again.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line
 */
export async function openStore({ meta }: Pick<Config, 'meta'>): Promise<Store> {
  return meta.store === 'etcd' ? openEtcdStore(etcdOptions(meta)) : openLmdbStore(meta.dir)
}
