import type { EtcdCluster } from '../../support/etcd.js'
import type { FaultyHop, Trouble } from '../../support/faulty-hop.js'
import { TROUBLES } from '../../support/troubles.js'
import { BY_ITSELF, type Fault } from './fault.js'

/** Everybody's accounts are in etcd, but who is remembered is not asked for. */
const OUTAGE = { remembered: '200', unknown: '503', readyz: 'ready', after: BY_ITSELF } as const

/** @param way what the meta node reaches etcd by */
export function etcdFaults(etcd: () => EtcdCluster, way: () => FaultyHop): readonly Fault[] {
  const member = () => etcd().members[0] as EtcdCluster['members'][number]
  const troubled = (fault: string, trouble: Trouble): Fault => ({
    fault: `etcd ${fault}`,
    ...OUTAGE,
    begin: () => way().trouble(trouble),
    end: () => way().trouble(),
  })
  return [
    { fault: 'etcd killed', ...OUTAGE, begin: () => member().kill(), end: () => member().start() },
    { fault: 'etcd hangs (SIGSTOP)', ...OUTAGE, begin: () => member().pause(), end: () => member().resume() },
    troubled('takes requests, and never answers', TROUBLES.silent),
    troubled('hangs up before it answers', TROUBLES.hangsUp),
    troubled('does not speak gRPC', TROUBLES.html),
  ]
}
