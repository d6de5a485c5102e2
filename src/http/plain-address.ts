import { isIPv6, SocketAddress } from 'node:net'

/** What Node writes an IPv4 address as that is mapped into IPv6 (RFC 4291 §2.5.5.2). */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** What the other spellings of one begin with. */
const MAPPED_OTHERWISE = /^[0:]+:ffff:/i

/** A peer's address as people write it: IPv4 not mapped into IPv6, however that is spelt; without a zone (RFC 4007 §11). */
export function plainAddress(address: string | undefined): string | undefined {
  if (address === undefined || !address.includes(':')) return address
  const zone = address.indexOf('%')
  const bare = zone < 0 ? address : address.slice(0, zone)
  const mapped = MAPPED.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  if (!MAPPED_OTHERWISE.test(bare) || !isIPv6(bare)) return bare
  const usual = new SocketAddress({ address: bare, family: 'ipv6' }).address
  return MAPPED.exec(usual)?.[1] ?? bare
}
