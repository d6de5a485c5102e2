import { randomUUID } from 'node:crypto'
import { afterEach } from 'vitest'
import type { EtcdOptions } from '../../src/registry/etcd/etcd-options.js'
import { openEtcdStore } from '../../src/registry/etcd/etcd-store.js'
import type { Store } from '../../src/registry/store/store.js'
import type { StoreBench } from '../contract/store-contract.js'
import type { EtcdCluster } from '../support/etcd.js'

const stores: Store[] = []

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
})

/** A store that is closed after the test. */
export async function openEtcd({ endpoints }: Pick<EtcdCluster, 'endpoints'>, options: Partial<EtcdOptions> = {}): Promise<Store> {
  const store = await openEtcdStore({ endpoints, ...options })
  stores.push(store)
  return store
}

/** A registry of its own in that cluster. */
export async function openEtcdBench(cluster: EtcdCluster, options: Partial<EtcdOptions> = {}): Promise<StoreBench & { prefix: string }> {
  const own = { prefix: `/test/${randomUUID()}/`, ...options }
  const store = await openEtcd(cluster, own)
  return {
    prefix: own.prefix,
    store,
    async reopen() {
      await store.close()
      return openEtcd(cluster, own)
    },
    another: () => openEtcd(cluster, own),
  }
}
