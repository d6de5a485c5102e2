import { type ClientRequest, type RequestOptions, request } from 'node:http'
import type { Milliseconds } from '../time.js'
import { ConnectionPool } from './connection-pool.js'
import { connectionOpener } from './open-connection.js'
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

/** What the gateway guards. */
export interface Upstream {
  /** What requests say in `Host`. */
  readonly host: string
  /** `http://127.0.0.1:9192`. */
  readonly origin: string
  readonly responseTimeout: Milliseconds
  readonly idleTimeout: Milliseconds
  /** Connections that are open, how many of them idle, and the requests that wait for one. */
  readonly stats: { readonly open: number; readonly idle: number; readonly waiting: number }

  /** Begins a request; the caller ends it. `fresh`: on a connection that was never used before. */
  request(request: UpstreamRequest, fresh?: boolean): ClientRequest

  /** Ends all connections, those in use too. Requests that come later are refused (502). */
  close(): void
}

/**
 * An upstream with its connections. None is opened before the first request.
 *
 * On `node:http`'s client, with an agent of our own. The other candidate was undici's Pool; `npm run` has it
 * measured by `node bench/gateway/engines.mjs`: through a proxy as small as can be, on 2 cores, a request costs …
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
    request({ method, target, headers }, fresh = false) {
      const options: RequestOptions & { fresh: boolean } = {
        agent,
        method,
        path: target,
        headers,
        fresh,
        insecureHTTPParser: false,
      }
      return request(options)
    },
    close: () => agent.close(),
  }
}
