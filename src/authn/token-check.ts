import { AuthError } from '../errors.js'
import type { TokenClaims, TokenVerifier } from '../token/shared-secret.js'
import { createSecretMemory } from './cache/secret-memory.js'

export interface TokenCheckOptions {
  /** How many good tokens are remembered. @default 10_000 */
  max?: number

  /** Milliseconds since the epoch, as the verifier reads them. @default Date.now */
  now?: () => number
}

export interface TokenCheck {
  /** The claims of a token that was found good before and has not expired. */
  remembered(token: string): TokenClaims | undefined

  /** The claims of a good token; else the refusal. */
  verify(token: string): Promise<TokenClaims | AuthError>
}

/**
 * Checks bearer tokens, and remembers the good ones until they expire: by a keyed digest, never themselves.
 * Only what a token says is remembered; whether its user still exists, and what they may do, is checked each time.
 */
export function createTokenCheck(
  verifyToken: TokenVerifier,
  options: TokenCheckOptions = {},
): TokenCheck {
  const { max = 10_000, now = Date.now } = options
  const good = createSecretMemory<TokenClaims>(max)

  return {
    remembered(token) {
      const claims = good.get(token)
      return claims && now() < claims.expiresAt ? claims : undefined
    },
    async verify(token) {
      const claims = await verifyToken(token)
      if (!(claims instanceof AuthError)) good.set(token, claims)
      return claims
    },
  }
}
