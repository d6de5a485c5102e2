import { randomBytes } from 'node:crypto'

/** The ids of tokens: UUIDs. */
const ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** What digests of tokens look like: SHA-256 in lower-case hex. */
const DIGEST = /^[\da-f]{64}$/

/**
 * A UUID of version 7 (RFC 9562 §5.7), which begins with the time: so tokens in the order of their ids are in the order
 * of their creation.
 *
 * @param now milliseconds since 1970
 */
export function newTokenId(now: number): string {
  const bytes = Buffer.concat([Buffer.alloc(6), randomBytes(10)])
  bytes.writeUIntBE(now, 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([a, b]) => hex.slice(a, b))
    .join('-')
}

/** Whether that can be the id of a token. */
export function isTokenId(text: string): boolean {
  return ID.test(text)
}

/** Whether that can be the digest of a token. */
export function isTokenDigest(text: string): boolean {
  return DIGEST.test(text)
}
