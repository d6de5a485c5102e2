import { LONGEST_TIMER, type Milliseconds } from '../../time.js'

export interface UpstreamOptions {
  /** `http://host:port`, `https://host:port` or `unix:/path/to.sock`. No path: requests keep theirs. */
  url: string

  /** PEM: certificates that are trusted instead of the system's. @default those that Node ships */
  ca?: string

  /** PEM: the gateway's own certificate, with its chain, for an upstream that asks for one. Goes with `key`. */
  cert?: string

  /** PEM: the private key of `cert`, without a passphrase. */
  key?: string

  /** Trusts whatever certificate is shown: anyone on the network path can be the upstream. @default false */
  insecureSkipVerify?: boolean

  /** Until a connection is there, TLS included; and how long a request waits for one to be free. @default 5_000 (5 seconds) */
  connectTimeout?: Milliseconds

  /**
   * From the end of a request until the head of its answer; and how long the upstream may leave a request's body
   * unread. 0: for ever. @default 300_000 (5 minutes)
   */
  responseTimeout?: Milliseconds

  /**
   * Between two pieces of an answer's body, while the client takes them. 0: for ever. An upstream whose machine
   * is gone is noticed by TCP within about 40 seconds in any case. @default 3_600_000 (1 hour)
   */
  idleTimeout?: Milliseconds

  /** How long a connection is kept without use; less if the upstream announces it. @default 4_000 (4 seconds) */
  keepAlive?: Milliseconds

  /** How many requests are with the upstream at a time. @default 256 */
  maxConnections?: number

  /** How many more may wait for a connection, before they are refused (503). @default 1_024 */
  maxWaiting?: number
}

/** `UpstreamOptions` with every default filled in. */
export type UpstreamSettings = Required<Omit<UpstreamOptions, 'ca' | 'cert' | 'key'>>

/** @throws TypeError that names the option */
export function upstreamSettings(options: UpstreamOptions): UpstreamSettings {
  const settings: UpstreamSettings = {
    insecureSkipVerify: false,
    connectTimeout: 5_000,
    responseTimeout: 300_000,
    idleTimeout: 3_600_000,
    keepAlive: 4_000,
    maxConnections: 256,
    maxWaiting: 1_024,
    ...options,
  }
  check('connectTimeout', settings.connectTimeout, 1, LONGEST_TIMER)
  check('responseTimeout', settings.responseTimeout, 0, LONGEST_TIMER)
  check('idleTimeout', settings.idleTimeout, 0, LONGEST_TIMER)
  check('keepAlive', settings.keepAlive, 1, LONGEST_TIMER)
  check('maxConnections', settings.maxConnections, 1, 65_535)
  check('maxWaiting', settings.maxWaiting, 0, 1_000_000)
  return settings
}

function check(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) {
    throw new TypeError(`${name} must be a number from ${min} to ${max}`)
  }
}
