import { AuthError } from '../errors.js'
import type { Milliseconds } from '../time.js'
import type { TokenClaims } from '../token/shared-secret.js'
import { createSecretMemory } from './cache/secret-memory.js'

export interface TokenCheckOptions {
  /** How many good tokens are remembered. @default 10_000 */
  max?: number

  /** For how long a token is remembered at most, even if it expires later. @default until it expires */
  longest?: Milliseconds

  /** Milliseconds since the epoch, as the verifier reads them. @default Date.now */
  now?: () => number
}

/** What every token says. */
interface Expiring {
  /** In milliseconds since the epoch. */
  readonly expiresAt: Milliseconds
}

export interface TokenCheck<Claims = TokenClaims> {
  /**
   * The claims of a token that was found good before and has not expired.
   *
   * @param start where the token begins in the text, such as a header's value @default 0
   */
  remembered(text: string, start?: number): Claims | undefined

  /**
   * The claims of a good token; else the refusal.
   *
   * @param origin where the request comes from, for limits
   */
  verify(token: string, origin?: string): Promise<Claims | AuthError>
}

/** Knows tokens that were found good at some time, also those that may not be any more. */
export interface FamiliarTokens<Claims = TokenClaims> {
  /** What such a token says. */
  familiar(token: string): Claims | undefined
}

/** A token's claims, and until when they are used unchecked. */
interface Verified<Claims> {
  /** All of the token but its signature: no secret, since nothing can be done with it alone. */
  readonly signed: string
  readonly claims: Claims
  readonly until: Milliseconds
}

/**
 * Checks bearer tokens, and remembers the good ones until they expire: the signature by a keyed digest, never itself. What it
 * signs is compared as it is, which takes a tenth of the time of a digest of all: an identity provider's tokens have a
 * thousand characters and more. Whether its user still exists, and what they may do, is checked each time.
 */
export function createTokenCheck<Claims extends Expiring>(
  verifyToken: (token: string, origin?: string) => Promise<Claims | AuthError>,
  options: TokenCheckOptions = {},
): TokenCheck<Claims> & FamiliarTokens<Claims> {
  const { max = 10_000, longest = Number.POSITIVE_INFINITY, now = Date.now } = options
  const good = createSecretMemory<Verified<Claims>>(max)

  function find(text: string, start = 0): Verified<Claims> | undefined {
    const end = signatureStart(text, start)
    const verified = good.get(text.slice(end))
    return verified?.signed === text.slice(start, end) ? verified : undefined
  }

  return {
    remembered(text, start) {
      const verified = find(text, start)
      return verified && now() < verified.until ? verified.claims : undefined
    },
    familiar: (token) => find(token)?.claims,
    async verify(token, origin) {
      const claims = await verifyToken(token, origin)
      if (!(claims instanceof AuthError)) {
        const end = signatureStart(token)
        const signed = copyOf(token.slice(0, end))
        const until = Math.min(claims.expiresAt, now() + longest)
        if (signed !== undefined) good.set(token.slice(end), { signed, claims, until })
      }
      return claims
    },
  }
}

/**
 * Where the signature begins, after the second dot (RFC 7515 §3.1); what has none is all signature. `lastIndexOf` takes
 * eight times as long.
 */
const signatureStart = (text: string, start = 0) =>
  Math.max(start, text.indexOf('.', text.indexOf('.', start) + 1) + 1)

/** A text of its own: a slice would keep the whole token. Undefined for what is not Latin-1, as no header is. */
function copyOf(text: string): string | undefined {
  const copy = Buffer.from(text, 'latin1').toString('latin1')
  return copy === text ? copy : undefined
}
