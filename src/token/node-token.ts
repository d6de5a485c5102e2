import { SignJWT } from 'jose/jwt/sign'
import type { Milliseconds } from '../time.js'

/** How far ahead a token expires, as nodes of an InfluxDB Enterprise cluster do it. */
const LIFETIME: Milliseconds = 300_000

/** A token is used until this is left of it. */
const RESERVE: Milliseconds = 60_000

/**
 * A source of tokens with which one node of a cluster speaks to another: HS512, signed with the
 * `internal-shared-secret`, `username` empty, `exp` five minutes ahead (RFC 7519). A token is reused until one
 * minute is left, and dropped when the clock was set back, so that none is ever valid for longer.
 *
 * @param secret the `internal-shared-secret`
 * @param now milliseconds since the epoch, on the same clock as the node that checks it
 * @throws TypeError if the secret is empty
 */
export function createNodeToken(
  secret: string,
  now: () => Milliseconds = Date.now,
): () => Promise<string> {
  if (secret === '') throw new TypeError('secret must not be empty')
  const key = new TextEncoder().encode(secret)
  let expires = Number.NEGATIVE_INFINITY
  let token: Promise<string> | undefined

  return async function nodeToken() {
    const left = expires - now()
    if (token === undefined || left <= RESERVE || left > LIFETIME) {
      const seconds = Math.floor((now() + LIFETIME) / 1000)
      expires = seconds * 1000
      token = new SignJWT({ username: '' })
        .setProtectedHeader({ alg: 'HS512', typ: 'JWT' })
        .setExpirationTime(seconds)
        .sign(key)
    }
    return token
  }
}
