import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { plainAddress } from './plain-address.js'
import { createTrustedProxies, type TrustedProxies } from './trusted-proxies.js'

/** What is looked at. */
type Request = Pick<IncomingMessage, 'rawHeaders'> & {
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** Who sent a request, for the logs. */
export interface ClientAddress {
  /** The client's own address; undefined where only trusted proxies are known. */
  readonly client: string | undefined

  /** The other end of the connection, if that is a trusted proxy and not the client. */
  readonly proxy: string | undefined
}

/**
 * A function that finds a client's address: the other end of the connection or, where that is a trusted proxy, the
 * rightmost address in `X-Forwarded-For` that is not one. What stands left of it is only the client's claim.
 *
 * A trusted proxy is never taken for a client, so that it is not locked out for what somebody behind it has done: if all
 * the addresses are trusted proxies', or one is not an address, the client is unknown.
 *
 * @param trustedProxies addresses and networks
 * @throws TypeError that names an entry which is neither
 */
export function createClientAddress(
  trustedProxies: readonly string[],
): (request: Request) => ClientAddress {
  const isTrusted = createTrustedProxies(trustedProxies)
  return function clientAddress({ socket, rawHeaders }) {
    const peer = plainAddress(socket.remoteAddress)
    return isTrusted(peer)
      ? { client: vouchedFor(rawHeaders, isTrusted), proxy: peer }
      : { client: peer, proxy: undefined }
  }
}

function vouchedFor(rawHeaders: readonly string[], isTrusted: TrustedProxies): string | undefined {
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2) {
    if ((rawHeaders[i] as string).toLowerCase() !== 'x-forwarded-for') continue
    const entries = (rawHeaders[i + 1] as string).split(',')
    for (const entry of entries.reverse()) {
      const address = withoutPort(entry.trim())
      if (address === undefined) return undefined
      if (!isTrusted(address)) return address
    }
  }
  return undefined
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const WITH_PORT = /^(?:\[([\da-f:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/i

function withoutPort(entry: string): string | undefined {
  const [, v6, v4] = WITH_PORT.exec(entry) ?? []
  const address = v6 ?? v4 ?? entry
  return isIP(address) === 0 ? undefined : plainAddress(address)
}
