import type { Milliseconds } from '../../time.js'

/** What a provider gave for a login (RFC 6749 §5.1). */
export interface TokenSet {
  readonly accessToken: string | undefined
  readonly idToken: string | undefined
  readonly refreshToken: string | undefined
  /** When the access token expires, in milliseconds since the epoch; undefined if the provider does not say. */
  readonly accessExpiresAt: Milliseconds | undefined
}
