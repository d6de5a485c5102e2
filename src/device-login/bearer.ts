import type { JsonObject } from '../text/json-object.js'
import type { Milliseconds } from '../time.js'
import { GRAPH_AUDIENCES } from '../token/provider/claims/graph-audiences.js'
import { readPart } from '../token/token-part.js'
import type { TokenSet } from './provider/token-set.js'

/** The token of a login that a server can check, read but not verified: that is the server's business. */
export interface Bearer {
  readonly token: string
  readonly kind: 'access' | 'id'
  /** When it expires, in milliseconds since the epoch; undefined if nobody says. */
  readonly expiresAt: Milliseconds | undefined
  readonly claims: Readonly<Record<string, unknown>>
}

/** Why there is none. */
export const NO_BEARER =
  'the provider gave no token that others can check; for Auth0 set parameters.audience in the profile'

/**
 * The access token if it is a JSON Web Token and not Microsoft Graph's, else the ID token. Undefined if there is
 * neither.
 */
export function bearerOf(tokens: TokenSet): Bearer | undefined {
  const { accessToken, idToken, accessExpiresAt } = tokens
  const claims = accessToken === undefined ? undefined : claimsOf(accessToken)
  if (
    accessToken !== undefined &&
    claims &&
    !audiences(claims).some((a) => GRAPH_AUDIENCES.includes(a))
  ) {
    const expiresAt = accessExpiresAt ?? expiryOf(claims)
    return { token: accessToken, kind: 'access', expiresAt, claims }
  }
  const idClaims = idToken === undefined ? undefined : claimsOf(idToken)
  if (idToken === undefined || !idClaims) return undefined
  return { token: idToken, kind: 'id', expiresAt: expiryOf(idClaims), claims: idClaims }
}

/** The claims in a JSON Web Token (RFC 7519), not verified; undefined if it is not one. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [header = '', payload = ''] = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? token.split('.') : []
  return readPart(header) && readPart(payload)
}

function audiences({ aud }: JsonObject): readonly unknown[] {
  return Array.isArray(aud) ? aud : [aud]
}

function expiryOf({ exp }: JsonObject): Milliseconds | undefined {
  return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined
}
