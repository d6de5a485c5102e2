import type { Milliseconds } from '../../time.js'

/** What this client asks a meta node for. */
export type MetaPath = '/user' | '/role' | '/authorized' | '/api/v0/lookup'

/**
 * What happens below an answer, for the operator's log. Addresses of meta nodes are named; a query, a
 * password, a hash or a token never is.
 */
export type MetaClientEvent =
  /** A node did not answer, or with 5xx; the next one is asked. `code` is Node's (`ECONNREFUSED`) or `HTTP 500`. */
  | {
      readonly event: 'attempt-failed'
      readonly node: string
      readonly path: MetaPath
      readonly code: string
    }
  /** A node gave an answer that says neither yes nor no; the question failed. */
  | {
      readonly event: 'answer-refused'
      readonly node: string
      readonly path: MetaPath
      readonly reason: string
    }
  /** A node that had failed answers again. */
  | { readonly event: 'node-up'; readonly node: string }
  /** A meta node granted a permission that is not known here; it is ignored. Reported once for each name. */
  | { readonly event: 'permission-unknown'; readonly name: string }
  /** A meta node granted a permission on one database that does not depend on a database. Reported once for each name. */
  | { readonly event: 'permission-scoped'; readonly name: string; readonly scope: string }
  /** A node pushes changes from now on. */
  | { readonly event: 'push-up'; readonly node: string }
  /** It has stopped; another one is tried. `code` as above; `closed` if it ended the stream itself. */
  | { readonly event: 'push-down'; readonly node: string; readonly code: string }
  /** A node offers no change feed, or not to us. It is asked again now and then, and a new reason is reported. */
  | { readonly event: 'push-unoffered'; readonly node: string; readonly reason: string }
  /** The meta nodes have no tokens: those of InfluxDB Enterprise, and older ones of this program. Reported once. */
  | { readonly event: 'tokens-unoffered' }
  /** `insecureSkipVerify` is on: anyone who can reroute the network can be the meta node. Reported once. */
  | { readonly event: 'certificate-unchecked' }

/** One try at a node, for metrics: no address, no user. */
export interface MetaRequest {
  /** How long it took, redirects included. */
  readonly milliseconds: Milliseconds
  /** What came of it. `network`: no answer; `server`: a 5xx; `invalid`: an answer that says neither yes nor no. */
  readonly outcome: 'ok' | 'timeout' | 'network' | 'server' | 'invalid'
}

/** Takes events for the operator. Must not throw. */
export type MetaClientLog = (event: MetaClientEvent) => void
