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
