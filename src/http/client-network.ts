import type { IncomingMessage } from 'node:http'
import { createClientAddress } from './client-address.js'

/**
 * A function that finds the network to count a request's wrong passwords against: the client's IPv4 address, or the first 64 bits
 * of its IPv6 address, since that is what one customer is given (RFC 6177). Undefined where only trusted proxies are known.
 *
 * @param trustedProxies addresses and networks, as for `createClientAddress`
 */
export function createClientNetwork(
  trustedProxies: readonly string[],
): (request: IncomingMessage) => string | undefined {
  const clientAddress = createClientAddress(trustedProxies)
  return function clientNetwork(request) {
    const { client } = clientAddress(request)
    return client === undefined ? undefined : networkOf(client)
  }
}

/** An IPv4 address as it is; of an IPv6 address (RFC 4291 §2.2) the first four groups. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const left = groupsOf(head)
  const right = groupsOf(tail ?? '')
  // IPv4 at the end stands for two groups
  const size = left.length + right.length + Number(address.includes('.'))
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - size)).fill('0')
  const groups = [...left, ...zeros, ...right].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

const groupsOf = (text: string) => (text === '' ? [] : text.split(':'))
