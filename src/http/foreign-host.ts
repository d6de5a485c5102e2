import { isIP } from 'node:net'
import { AuthError } from '../errors.js'

/** A name or an IPv4 address, or an IPv6 address in brackets; then a port, or none. */
const HOST = /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::\d*)?$/i

/**
 * Refuses a request to a host of an unknown name: a page of another site can have its own name resolved to this machine (DNS
 * rebinding), and would read the answers. It cannot do that with an IP address or with localhost.
 *
 * @param header the request's `Host`; without one (HTTP/1.0) it comes from no browser
 * @param names the host names that requests may name
 * @param advice how to ask instead
 */
export function refuseForeignHost(
  header: string | undefined,
  names: readonly string[],
  advice = 'ask by IP address, or as localhost',
): AuthError | undefined {
  if (header === undefined) return undefined
  const [, inBrackets, name = ''] = HOST.exec(header) ?? []
  const host = (inBrackets ?? name).toLowerCase()
  if (isIP(host) !== 0 || host === 'localhost') return undefined
  if (host !== '' && names.some((known) => known.toLowerCase() === host)) return undefined
  return new AuthError('ERR_PRIVILEGE_MISSING', advice)
}
