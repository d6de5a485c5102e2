import { AuthError } from '../errors.js'
import { secretKey, verifyClaims } from './claims.js'

/**
 * A check whether a token is another node's: signed HS512 with the cluster's `internal-shared-secret`, with an
 * empty `username`, and expiring.
 *
 * @param secret at least 16 bytes
 * @throws TypeError if the secret is shorter
 */
export function createNodeVerifier(
  secret: string,
  now: () => number = Date.now,
): (token: string) => Promise<boolean> {
  const key = secretKey(secret)
  return async function isNodeToken(token) {
    const claims = await verifyClaims(token, key, ['HS512'], now() / 1000)
    return !(claims instanceof AuthError) && claims.exp !== undefined && claims.username === ''
  }
}
