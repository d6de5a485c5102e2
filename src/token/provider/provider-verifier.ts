import { AuthError } from '../../errors.js'
import type { Milliseconds } from '../../time.js'
import type { ProviderOptions } from './provider-options.js'
import type { ProviderOutcomes } from './provider-outcomes.js'

/** What a provider's good token says. */
export interface ProviderTokenClaims {
  /** Who it is: `sub`, or `oid` for azure; 1 to 255 characters as the token has them. */
  readonly subject: string
  readonly issuer: string
  /** From when on it would be refused (`exp` and clock skew, or `max-age`), in milliseconds since the epoch. */
  readonly expiresAt: Milliseconds
  /** The identity of the key that verified it. */
  readonly keyId: object
  /** Empty without `groupsClaim`. */
  readonly groups: readonly string[]
  /** Why `groups` is empty though the token has some (too many, not a list): for the log. */
  readonly groupsProblem?: string
}

/** What is known of the provider, for metrics and `/readyz`. */
export interface ProviderStatus {
  /** How many keys are known. */
  readonly keys: number
  /** When they were fetched, in milliseconds since the epoch. */
  readonly fetchedAt?: Milliseconds
  /** Why the last fetch failed; absent if it did not. */
  readonly lastError?: string
  readonly outcomes: ProviderOutcomes
}

/** Checks tokens that an identity provider signed. */
export interface ProviderVerifier {
  /**
   * The claims of a good token; else the refusal: `ERR_TOKEN_INVALID` (401), or `ERR_PROVIDER_UNAVAILABLE` (503, with
   * `Retry-After`) when it cannot be told because the provider's keys are not known. Never rejects.
   */
  verify(token: string): Promise<ProviderTokenClaims | AuthError>

  /** Whether the key that verified a token is still the provider's: remembered tokens end with their key. */
  isCurrent(claims: ProviderTokenClaims): boolean

  /** Fetches the keys in the background if it is time to; `verify` and `isCurrent` do so, too. */
  refresh(): void

  status(): ProviderStatus

  /** Ends a running fetch. */
  close(): void
}

/**
 * A verifier for the tokens of an identity provider, as OAuth 2.0 resource servers check them (RFC 8725, RFC 9068 §4).
 * Nothing is fetched before the first token or `refresh()`.
 *
 * @throws TypeError if an option is not valid
 */
export function createProviderVerifier(_options: ProviderOptions): ProviderVerifier {
  return {
    verify: async () => new AuthError('ERR_PROVIDER_UNAVAILABLE', 'no keys are known'),
    isCurrent: () => false,
    refresh() {},
    status: () => {
      throw new Error('not yet')
    },
    close() {},
  }
}
