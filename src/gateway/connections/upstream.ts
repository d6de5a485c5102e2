import { type ClientRequest, type RequestOptions, request } from 'node:http'
import type { Milliseconds } from '../../time.js'
import { ConnectionPool } from './connection-pool.js'
import { connectionOpener } from './open-connection.js'
import type { Parties } from './shares.js'
import { parseUpstreamAddress } from './upstream-address.js'
import { type UpstreamOptions, upstreamSettings } from './upstream-options.js'
import { upstreamTls } from './upstream-tls.js'

/** A request as the upstream gets it, byte for byte. */
export interface UpstreamRequest {
  readonly method: string
  /** In origin-form (RFC 9112 §3.2.1). */
  readonly target: string
  /** Names and values in turn, `Host` and the body's length or coding among them. */
  readonly headers: readonly string[]
}

/** The daemon behind the gateway. */
export interface Upstream {
  /** What requests say in `Host`. */
  readonly host: string
  /** `http://127.0.0.1:9192`. */
  readonly origin: string
  readonly responseTimeout: Milliseconds
  readonly idleTimeout: Milliseconds
  /** Connections that are open, how many of them idle, and the requests that wait for one. */
  readonly stats: { readonly open: number; readonly idle: number; readonly waiting: number }

  /**
   * Begins a request; the caller ends it.
   *
   * @param parties who asks: the user, the address. Each gets only its share of the connections. @default nobody
   * @param fresh on a connection that was never used before
   */
  request(request: UpstreamRequest, parties?: Parties, fresh?: boolean): ClientRequest

  /** Ends all connections, those in use too. Requests that come later are refused (502). */
  close(): void
}

// Why node:http's client, with a pool of our own. Through a proxy as small as it can be (bench/gateway/engines.mjs, one
// run, 2 busy cores, Node 20.20), a GET costs 122 µs of CPU with Node's own Agent, 99 with our pool, 78 with undici
// 7.30's; a POST of 4 kB 120, 104, 88; requests/s as ratios 1 : 1.12 : 1.30 and 1 : 1.12 : 1.34. Relaying by hand
// instead of pipe() is part of it. In the whole gateway, which costs 25 to 30 µs more, undici would be ahead by less than
// a fifth. For that it
// - drops the trailers of requests,
// - destroys the request's stream, and with it the client's connection, if the upstream answers before it has all,
// - closes its connection after each HEAD,
// - lets any number wait for a connection, for any time, without shares.
// Both hand on an answer's headers as raw bytes, in order; both cancel by closing the connection; neither sends anything
// twice by itself. Node's client takes a reset for the end of a body that ends with the connection: see exchange.

/**
 * An upstream with its connections. None is opened before the first request.
 *
 * @throws TypeError that names the option
 */
export function createUpstream(options: UpstreamOptions): Upstream {
  const settings = upstreamSettings(options)
  const { host, origin, isSecure, at } = parseUpstreamAddress(options.url)
  const secure = isSecure ? upstreamTls('host' in at ? at.host : host, options) : undefined
  const agent = new ConnectionPool({
    open: connectionOpener({ host, origin, isSecure, at }, secure, settings.connectTimeout),
    maxConnections: settings.maxConnections,
    maxWaiting: settings.maxWaiting,
    waitTimeout: settings.connectTimeout,
    keepAlive: settings.keepAlive,
  })
  return {
    host,
    origin,
    responseTimeout: settings.responseTimeout,
    idleTimeout: settings.idleTimeout,
    get stats() {
      return agent.stats
    },
    request({ method, target, headers }, parties = [], fresh = false) {
      const options: RequestOptions & { fresh: boolean; parties: Parties } = {
        agent,
        method,
        path: target,
        headers,
        fresh,
        parties,
        insecureHTTPParser: false,
      }
      return request(options)
    },
    close: () => agent.close(),
  }
}
