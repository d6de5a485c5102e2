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

/**
 * Writes a canonical path as the path of a request target (RFC 3986 §3.3): every byte of its UTF-8 that is neither `/`
 * nor a pchar as `%XX`. One-to-one: decoded once, it is the same path again.
 */
export function encodePath(path: string): string {
  // encodeURI leaves exactly `/`, the pchars, `?` and `#` as they are
  const encoded = encodeURI(path)
  return RESERVED.test(encoded) ? encoded.replaceAll('?', '%3F').replaceAll('#', '%23') : encoded
}

const RESERVED = /[?#]/
