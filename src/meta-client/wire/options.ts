import type { Clock, Milliseconds } from '../../time.js'
import type { MetaClientLog, MetaRequest } from './event.js'

/** How a meta node is reached over TLS. All texts are PEM. */
export interface MetaTlsOptions {
  /** Certificates that are trusted instead of the system's. @default those that Node ships */
  ca?: string

  /** The client's certificate, with its chain, for meta nodes that ask for one. Goes with `key`. */
  cert?: string

  /** The private key of `cert`, without a passphrase. */
  key?: string

  /** Skips certificate verification: anyone on the network path can be the meta node. @default false */
  insecureSkipVerify?: boolean
}

/** How to sign in to a meta node: as a user, by password or by a token, or as another node of its cluster. */
export type MetaCredentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'node'; readonly secret: string }

export interface MetaClientOptions {
  /** The meta nodes, each as `host:port`, IPv6 in brackets. At least one. No other server is ever asked. */
  addresses: readonly string[]

  /** Given: https. Left out: http, and everything travels in the clear. */
  tls?: MetaTlsOptions

  /** @default none are sent */
  credentials?: MetaCredentials

  /** For a whole request, all tries and pauses. @default 5_000 (5 seconds) */
  timeout?: Milliseconds

  /** For one try at one node, its redirects and the body included. @default 2_000 (2 seconds) */
  attemptTimeout?: Milliseconds

  /** An answer longer than this is cut off and refused. @default 16_777_216 (16 MiB) */
  maxAnswerBytes?: number

  /** After so long without a byte a stream of changes is taken for dead: three heartbeats. @default 6_000 (6 seconds) */
  silence?: Milliseconds

  /** `User-Agent` (RFC 9110 §10.1.5). @default 'kapacitor-auth/' and the version */
  userAgent?: string

  /** Called with failed tries, refused answers and unknown permissions. @default nothing is called */
  log?: MetaClientLog

  /** Called after each try at a node, unless `close` ended it. Must not throw. @default nothing is called */
  observe?: ((request: MetaRequest) => void) | undefined

  /** @default monotonic */
  clock?: Clock

  /** From 0 up to 1, for the jitter. @default Math.random */
  random?: () => number

  /** Waits; rejects once `signal` is aborted. @default a timer */
  sleep?: (ms: Milliseconds, signal: AbortSignal) => Promise<void>
}

/** The option, if it is a length of time. @throws TypeError naming it */
export function positive(name: string, value: number): number {
  if (!(value > 0 && value < 2 ** 31)) throw new TypeError(`${name} must be above 0 and finite`)
  return value
}
