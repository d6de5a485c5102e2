import { SignJWT } from 'jose/jwt/sign'
import type { Milliseconds } from '../time.js'
import { secretKey } from './claims.js'

export interface TokenOptions {
  /** At least 16 bytes. */
  readonly secret: string
  /** The user that it signs in; empty for a node of the cluster. */
  readonly username: string
  /** Milliseconds since the epoch; a token counts whole seconds, and the fraction is dropped. */
  readonly expiresAt: Milliseconds
}

/**
 * A JSON Web Token (RFC 7519) with `username` and `exp`, as Kapacitor, InfluxDB and meta nodes take them: HS256
 * (RFC 7518 §3.2) for a user, HS512 for a node, as the nodes of a cluster do it themselves.
 *
 * @throws TypeError if the secret is shorter
 */
export async function signToken({ secret, username, expiresAt }: TokenOptions): Promise<string> {
  const key = secretKey(secret)
  return new SignJWT({ username })
    .setProtectedHeader({ alg: username === '' ? 'HS512' : 'HS256', typ: 'JWT' })
    .setExpirationTime(Math.floor(expiresAt / 1000))
    .sign(key)
}
