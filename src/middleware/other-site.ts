import type { IncomingHttpHeaders } from 'node:http'
import { AuthError } from '../errors.js'

/**
 * Refuses a change that a page of another site has a browser send: the browser would add an administrator's
 * credentials by itself, and JSON passes for a form here (Fetch Metadata; RFC 6454 §7). Other clients send neither header.
 */
export function refuseOtherSite({
  host,
  origin,
  ...headers
}: IncomingHttpHeaders): AuthError | undefined {
  const isOtherSite = ['cross-site', 'same-site'].includes(String(headers['sec-fetch-site']))
  const isOtherOrigin = origin !== undefined && origin.replace(/^https?:\/\//, '') !== host
  if (!isOtherSite && !isOtherOrigin) return undefined
  return new AuthError('ERR_PRIVILEGE_MISSING', 'changes are not taken from pages of other sites')
}
