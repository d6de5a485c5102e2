import { afterAll, beforeAll, describe } from 'vitest'
import { storeContract } from '../contract/store-contract.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { hasEtcd } from '../support/etcd-binaries.js'
import { openEtcdBench } from './etcd-bench.js'

describe.skipIf(!hasEtcd())('with a real etcd,', () => {
  let cluster: EtcdCluster
  beforeAll(async () => { cluster = await startEtcd() })
  afterAll(() => cluster.close())

  storeContract('etcd', () => openEtcdBench(cluster))
})
