import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * A keyed digest of a name, a password hash and a password that belong together: 32 bytes, as characters of Latin-1. As
 * a `Buffer` it would take four times the memory.
 */
export type PasswordDigest = string

export interface PasswordDigester {
  /** The digest of the three. Each is length-prefixed, so that no two triples share one. */
  digest(name: string, hash: string, password: string): PasswordDigest

  /** Whether two digests are the same, in a time that does not depend on where they differ. */
  equal(a: PasswordDigest, b: PasswordDigest): boolean
}

/** SHA-256 works on blocks of this many bytes. */
const BLOCK = 64
const SIZE = 32

/**
 * HMAC-SHA-256 (RFC 2104) under a random key of this process: worthless to whoever reads it out of memory
 * without the key, and of no use to any other process.
 *
 * Built from the one-shot `hash()`, which takes half the time of `createHmac` (2.7 µs against 6.6 µs for an
 * 80-byte message on the 2-core machine); a test holds the two against each other.
 */
export function createPasswordDigester(key: Buffer = randomBytes(BLOCK)): PasswordDigester {
  if (key.length !== BLOCK) throw new TypeError('key must have 64 bytes')
  const outer = Buffer.alloc(BLOCK + SIZE)
  let inner = Buffer.alloc(1024)
  const one = Buffer.alloc(SIZE)
  const other = Buffer.alloc(SIZE)
  const pad = (target: Buffer, byte: number) => {
    for (let i = 0; i < BLOCK; i++) target[i] = (key[i] as number) ^ byte
  }
  pad(outer, 0x5c)
  pad(inner, 0x36)

  const append = (text: string, at: number): number => {
    const length = inner.write(text, at + 4, 'utf8')
    inner.writeUInt32BE(length, at)
    return at + 4 + length
  }

  return {
    digest(name, passwordHash, password) {
      // at most three bytes of UTF-8 for each UTF-16 unit
      const room = BLOCK + 12 + 3 * (name.length + passwordHash.length + password.length)
      if (room > inner.length) {
        inner = Buffer.alloc(room)
        pad(inner, 0x36)
      }
      const end = append(password, append(passwordHash, append(name, BLOCK)))
      outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK, 'binary')
      inner.fill(0, BLOCK, end) // the password is not left behind
      return hash('sha256', outer, 'binary')
    },
    equal(a, b) {
      if (a.length !== SIZE || b.length !== SIZE) return false
      one.write(a, 'latin1')
      other.write(b, 'latin1')
      return timingSafeEqual(one, other)
    },
  }
}
