import { afterAll, beforeAll, describe } from 'vitest'
import { storeContract } from '../contract/store-contract.js'
import { has } from '../support/daemons.js'
import { type EtcdCluster, startEtcd } from '../support/etcd.js'
import { openEtcdBench } from './etcd-bench.js'

describe.skipIf(!has('etcd', 'etcdctl'))('with a real etcd,', () => {
  let cluster: EtcdCluster
  beforeAll(async () => { cluster = await startEtcd() })
  afterAll(() => cluster.close())

  storeContract('etcd', () => openEtcdBench(cluster))
})
