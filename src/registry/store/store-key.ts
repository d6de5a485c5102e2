/** What a store's keys are made of, from the general to the particular: `['user', 'ann']`. */
export type Key = readonly string[]

/** The longest key in bytes, separators included. LMDB's limit with pages of 4 KiB. */
const MAX_KEY_BYTES = 1978

/**
 * A key as bytes: its parts in UTF-8 with a NUL between them. Keys are ordered as these bytes are, so that
 * every store has the same order, and what begins alike stands together.
 *
 * @throws TypeError if a part holds a NUL or half a surrogate pair, or the key is empty or too long
 */
export function encodeKey(key: Key): Buffer {
  const bytes = join(key)
  if (bytes.length === 0 || bytes.length > MAX_KEY_BYTES) {
    throw new TypeError(`a key is 1 to ${MAX_KEY_BYTES} bytes long, not ${bytes.length}`)
  }
  return bytes
}

/** The inverse of `encodeKey`. */
export function decodeKey(bytes: Buffer): Key {
  return bytes.toString().split('\0')
}

/** The first key that begins with `prefix` and goes on, and the first one after all of those, as bytes. */
export function keyRange(prefix: Key): { start: Buffer; end: Buffer } {
  if (prefix.length === 0) return { start: Buffer.of(0), end: Buffer.of(0xff) }
  const bytes = join(prefix)
  return { start: Buffer.concat([bytes, Buffer.of(0)]), end: Buffer.concat([bytes, Buffer.of(1)]) }
}

function join(key: Key): Buffer {
  for (const part of key) {
    if (part.includes('\0') || !part.isWellFormed()) {
      throw new TypeError('a part of a key holds a NUL or half a surrogate pair')
    }
  }
  return Buffer.from(key.join('\0'))
}
