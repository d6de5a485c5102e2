import { BlockList, isIP } from 'node:net'
import { networkProblem } from './network-problem.js'
import { plainAddress } from './plain-address.js'

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
  // One for each: Node takes an IPv4 address for one of ::ffff:0:0/96, so that ::1/64 would hold all of them
  const trusted = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const entry of list) add(trusted, entry)
  const known = new Map<string, boolean>()
  return (address) => {
    const plain = plainAddress(address)
    if (plain === undefined) return false
    const answer = known.get(plain)
    if (answer !== undefined) return answer
    const version = isIP(plain)
    if (version === 0) return false
    const kind = version === 4 ? 'ipv4' : 'ipv6'
    const isTrusted = trusted[kind].check(plain, kind)
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(plain, isTrusted)
    return isTrusted
  }
}

/** How many addresses are remembered: Node takes 4 µs to look one up, and a request is asked for several times. */
const MOST_KNOWN = 1_000

function add(trusted: Readonly<Record<'ipv4' | 'ipv6', BlockList>>, entry: string): void {
  const problem = networkProblem(entry)
  if (problem) throw new TypeError(`trustedProxies: ${JSON.stringify(entry)} ${problem}`)
  const [address = '', prefix] = entry.split('/')
  const isV4 = isIP(address) === 4
  const kind = isV4 ? 'ipv4' : 'ipv6'
  trusted[kind].addSubnet(address, Number(prefix ?? (isV4 ? 32 : 128)), kind)
}
