import { AuthError } from '../errors.js'
import type { Milliseconds } from '../time.js'
import { refuseToken, secretKey, verifyClaims } from './claims.js'

/** What a good token says. */
export interface TokenClaims {
  readonly username: string
  /** Until when, in milliseconds since the epoch. */
  readonly expiresAt: Milliseconds
}

/** Checks a token's signature and claims. The refusal is an answer (401), never a rejection. */
export type TokenVerifier = (token: string) => Promise<TokenClaims | AuthError>

/** The algorithms of a shared secret (RFC 7518 §3.2). */
const ALGORITHMS = ['HS256', 'HS384', 'HS512']

/**
 * A verifier for JSON Web Tokens (RFC 7519) signed with a shared secret, as Kapacitor and InfluxDB take them.
 * `exp` and `username` are required; `nbf` and `iat` are honoured; no leeway; other claims are ignored.
 *
 * @param secret at least 16 bytes
 * @param now milliseconds since the epoch, on the same clock as the signer
 * @throws TypeError if the secret is shorter
 */
export function createTokenVerifier(secret: string, now: () => number = Date.now): TokenVerifier {
  const key = secretKey(secret)
  return async function verifyToken(token) {
    const claims = await verifyClaims(token, key, ALGORITHMS, now() / 1000)
    if (claims instanceof AuthError) return claims
    const { exp, username } = claims
    if (exp === undefined) return refuseToken('token expiration required')
    if (typeof username !== 'string') return refuseToken('username in token must be a string')
    if (username === '') return refuseToken('token must contain a username')
    return { username, expiresAt: exp * 1000 }
  }
}
