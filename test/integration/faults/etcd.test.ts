import { afterAll, beforeAll, describe, test, vi } from 'vitest'
import { has } from '../../support/daemons.js'
import { type EtcdCluster, startEtcd } from '../../support/etcd.js'
import { type FaultyHop, startFaultyHop } from '../../support/faulty-hop.js'
import { etcdFaults } from './etcd-rows.js'
import { prove } from './fault.js'
import { createFaultWorld, type FaultWorld } from './fault-world.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

describe.skipIf(!has('etcd', 'etcdctl'))('the meta node keeps its users in etcd:', () => {
  let etcd: EtcdCluster
  let way: FaultyHop
  let world: FaultWorld
  beforeAll(async () => {
    etcd = await startEtcd()
    way = await startFaultyHop({ target: () => etcd.endpoints[0] as string })
    world = await createFaultWorld({
      store: { KAPACITOR_META_STORE: 'etcd', KAPACITOR_META_ETCD_USE_TLS: 'false', KAPACITOR_META_ETCD_ENDPOINTS: way.address, KAPACITOR_META_ETCD_TIMEOUT: '2s' },
      auth: '  meta-attempt-timeout = "4s"\n  meta-timeout = "5s"\n  revalidate-interval = "100ms"',
    })
  })
  afterAll(async () => {
    await world?.end()
    await way?.close()
    await etcd?.close()
  })

  test.each(etcdFaults(() => etcd, () => way))('$fault: remembered $remembered, new $unknown, $readyz; $after', (fault) => prove(world, fault))
})
