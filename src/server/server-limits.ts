import type { ServerOptions } from 'node:http'
import type { Milliseconds } from '../time.js'

/** Limits on clients. */
export interface ServerLimits {
  /** How long a request's line and headers may be together, in bytes. @default 16_384 */
  maxHeaderBytes?: number

  /** How many connections there may be at a time; more are closed at once. 0 is any number. @default 0 */
  maxConnections?: number

  /** How long a request's line and headers may take to arrive, and a TLS handshake. @default 30_000 */
  headerTimeout?: Milliseconds

  /**
   * How long a request body may pause between two pieces; and how long a client may take nothing of an answer.
   * @default 60_000
   */
  bodyTimeout?: Milliseconds

  /** How long a connection is kept open after an answer, for the next request. @default 75_000 */
  keepAliveTimeout?: Milliseconds

  /**
   * How long a client may go on sending the body of a request that has been answered, before the connection is cut. If it
   * were cut at once, the client might lose the answer. @default 5_000
   */
  unreadBodyTimeout?: Milliseconds

  /**
   * How long a client that has ended its own side of the connection is waited for while nothing is sent to it. HTTP only.
   * @default 5_000
   */
  halfClosedTimeout?: Milliseconds

  /**
   * How long a connection is silent before the system asks whether the client is still there (TCP keep-alive). It asks
   * 10 times, a second apart; then the connection is closed. @default 60_000
   */
  keepAliveProbeDelay?: Milliseconds
}

const DEFAULTS: Required<ServerLimits> = {
  maxHeaderBytes: 16_384,
  maxConnections: 0,
  headerTimeout: 30_000,
  bodyTimeout: 60_000,
  keepAliveTimeout: 75_000,
  unreadBodyTimeout: 5_000,
  halfClosedTimeout: 5_000,
  keepAliveProbeDelay: 60_000,
}

/** How often Node looks for headers that are late, at least. */
const CHECK: Milliseconds = 1_000

/** The limits in force, defaults filled in. */
export const withDefaults = (limits: ServerLimits): Required<ServerLimits> => ({
  ...DEFAULTS,
  ...limits,
})

/** The limits that Node's HTTP server keeps by itself, and its TLS server in front of it. */
export function nodeLimits(
  limits: Required<ServerLimits>,
): ServerOptions & { handshakeTimeout: Milliseconds } {
  const { maxHeaderBytes, headerTimeout, keepAliveTimeout, keepAliveProbeDelay } = limits
  return {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: whole(headerTimeout),
    handshakeTimeout: whole(headerTimeout),
    connectionsCheckingInterval: whole(Math.min(CHECK, headerTimeout / 4)),
    keepAliveTimeout: whole(keepAliveTimeout),
    keepAlive: true,
    keepAliveInitialDelay: whole(keepAliveProbeDelay),
    // By itself Node ends an upload after five minutes, however lively it is
    requestTimeout: 0,
  }
}

/** Node knows whole milliseconds only, and takes 0 for never. */
const whole = (time: Milliseconds) => Math.max(1, Math.ceil(time))
