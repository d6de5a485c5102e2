import { BlockList, isIP } from 'node:net'

/** Whether the peer of a connection may say on whose behalf it asks. */
export type TrustedProxies = (address: string | undefined) => boolean

/**
 * The peers whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.
 *
 * @param list addresses (`10.0.0.7`, `::1`) and networks (`10.0.0.0/8`, `fd00::/8`)
 * @throws TypeError that names an entry which is neither
 */
export function createTrustedProxies(list: readonly string[]): TrustedProxies {
  if (list.length === 0) return () => false
  const trusted = new BlockList()
  for (const entry of list) add(trusted, entry)
  const known = new Map<string, boolean>()
  return (address) => {
    const plain = plainAddress(address)
    if (plain === undefined) return false
    const answer = known.get(plain)
    if (answer !== undefined) return answer
    const version = isIP(plain)
    if (version === 0) return false
    const isTrusted = trusted.check(plain, version === 4 ? 'ipv4' : 'ipv6')
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(plain, isTrusted)
    return isTrusted
  }
}

/** How many addresses are remembered: Node takes 4 µs to look one up, and a request is asked for several times. */
const MOST_KNOWN = 1_000

function add(trusted: BlockList, entry: string): void {
  const [address = '', prefix, ...rest] = entry.split('/')
  const version = isIP(address)
  const bits = prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix)
  const isPrefix = prefix === undefined || /^\d{1,3}$/.test(prefix)
  if (version === 0 || rest.length > 0 || !isPrefix || bits > (version === 4 ? 32 : 128)) {
    throw new TypeError(`trustedProxies: ${JSON.stringify(entry)} is neither address nor network`)
  }
  if (plainAddress(address) !== address) {
    throw new TypeError(`trustedProxies: ${JSON.stringify(entry)} must be written as IPv4`)
  }
  trusted.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6')
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** A peer's address as people write it: IPv4 not mapped into IPv6 (RFC 4291 §2.5.5.2), without a zone (RFC 4007 §11). */
export function plainAddress(address: string | undefined): string | undefined {
  if (address === undefined || !address.includes(':')) return address
  const zone = address.indexOf('%')
  return MAPPED.exec(address)?.[1] ?? (zone < 0 ? address : address.slice(0, zone))
}
