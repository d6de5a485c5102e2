/** Where a meta node is reached. */
export interface ClusterNode {
  /** `meta1:8091`. */
  readonly address: string
  readonly scheme: 'http' | 'https'
}

/** The meta nodes that share a registry, as far as one of them knows. */
export interface Cluster {
  readonly self: ClusterNode
  readonly others: readonly ClusterNode[]
}

/**
 * `GET /show-cluster` as Chronograf's Enterprise client reads it. There are no data nodes: a Kapacitor or an InfluxDB
 * behind a gateway does not count as one. `tcpAddr` is where Enterprise's nodes talk to each other; ours do not.
 */
export function clusterDocument({ self, others }: Cluster, version: string): object {
  const node = ({ address, scheme }: ClusterNode, index: number) => {
    return { id: index + 1, addr: address, httpScheme: scheme, tcpAddr: '', version }
  }
  return { data: [], meta: [self, ...others].map(node) }
}

/** `GET /status`. Every node of ours takes changes, so each is its own leader; there is no Raft, so no address of it. */
export function statusDocument({ self, others }: Cluster): object {
  return {
    nodeType: 'meta',
    leader: self.address,
    httpAddr: self.address,
    raftAddr: '',
    peers: others.length === 0 ? null : others.map(({ address }) => address),
  }
}

/** `GET /ldap/v1/config`: users are not in an LDAP directory here. */
export const LDAP_DOCUMENT = Object.freeze({ structured: Object.freeze({ enabled: false }) })
