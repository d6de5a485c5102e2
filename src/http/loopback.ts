import { isIPv4 } from 'node:net'
import { plainAddress } from './plain-address.js'

/**
 * Whether only this machine can be reached under `host`: `localhost`, 127.0.0.0/8 or ::1. An IPv6 address may be in
 * brackets, as in `URL.hostname`. Names below `localhost` do not count: a name server may be asked for them.
 */
export function isLoopback(host: string): boolean {
  if (/^localhost\.?$/i.test(host)) return true
  const address = plainAddress(/^\[(.*)\]$/.exec(host)?.[1] ?? host) ?? ''
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'))
}
