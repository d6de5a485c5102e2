import { encodePath } from './encode-path.js'
import { stripCredentials } from './strip-credentials.js'

/** What Node writes into a request line as it stands: no space, no control character, no more than a byte each. */
const WRITABLE = /^[!-~\u0080-\u00ff]*$/

/**
 * The request target (RFC 9112 §3.2.1, origin-form) that goes to the upstream: the path that was judged, encoded
 * anew, and the query without credentials.
 *
 * @param target as the client sent it
 * @param path its canonical path, the one that was judged
 * @returns undefined for a query that servers would read differently
 */
export function forwardedTarget(target: string, path: string): string | undefined {
  const mark = target.indexOf('?')
  if (mark < 0) return encodePath(path)
  const query = target.slice(mark + 1)
  const kept = stripCredentials(query)
  if (kept === undefined || !WRITABLE.test(kept)) return undefined
  return kept === '' && query !== '' ? encodePath(path) : `${encodePath(path)}?${kept}`
}
