import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * A keyed digest of a name, a password hash and a password that belong together: 32 bytes, as characters of Latin-1. As
 * a `Buffer` it would take four times the memory.
 */
export type PasswordDigest = string

export interface PasswordDigester {
  /** The digest of the three. No other three have the same. */
  digest(name: string, hash: string, password: string): PasswordDigest

  /** Whether two digests are the same, in a time that does not depend on where they differ. */
  equal(a: PasswordDigest, b: PasswordDigest): boolean
}

/**
 * HMAC-SHA-256 (RFC 2104) under a random key of this process: worthless to anyone who reads it out of memory without the
 * key, and of no use to any other process.
 *
 * @throws TypeError for a key that does not have 64 bytes
 */
export function createPasswordDigester(bytes: Buffer = randomBytes(64)): PasswordDigester {
  if (bytes.length !== 64) throw new TypeError('key must have 64 bytes')
  const key = createSecretKey(bytes)
  return {
    // JSON keeps the three apart. It stays a string: a Buffer's bytes would remain in Node's pool
    digest: (name, hash, password) =>
      createHmac('sha256', key)
        .update(JSON.stringify([name, hash, password]))
        .digest('binary'),
    equal: (a, b) =>
      a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1')),
  }
}
