import { isIP } from 'node:net'
import { plainAddress } from './plain-address.js'

const BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 }

/** What is wrong with the text of an address or network (`10.0.0.7`, `fd00::/8`); undefined if nothing is. */
export function networkProblem(text: string): string | undefined {
  const [address = '', prefix, ...rest] = text.split('/')
  const bits = BITS[isIP(address)]
  const isPrefix =
    prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (bits ?? 0))
  if (bits === undefined || !isPrefix || rest.length > 0) return 'is neither address nor network'
  if (address.includes('%')) return 'must be written without a zone'
  return plainAddress(address) === address ? undefined : 'must be written as IPv4'
}
