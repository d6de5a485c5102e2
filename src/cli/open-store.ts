import type { Config } from '../config/config.js'
import { openLmdbStore } from '../meta-node/lmdb-store.js'
import type { Store } from '../meta-node/store.js'

/** Opens the store that the configuration names. @throws AuthError one line */
export function openStore({ meta }: Config): Promise<Store> {
  return openLmdbStore(meta.dir)
}
