import { AuthError } from '../../errors.js'
import { shown } from '../../text/printable.js'
import { type Milliseconds, monotonic } from '../../time.js'
import { checkClaims } from './claims/check-claims.js'
import { readGroups } from './claims/token-groups.js'
import { createKeySet } from './key-set/key-set.js'
import type { KnownIssuer } from './key-set/known-issuers.js'
import { inherited, type KnownKeys, sourceOf } from './key-set/known-keys.js'
import { loadKeys } from './key-set/load-keys.js'
import type { PublicKey } from './key-set/public-keys.js'
import { createOutcomeCounter } from './outcome-counter.js'
import type { ProviderOptions } from './provider-options.js'
import type { ProviderOutcomes } from './provider-outcomes.js'
import { providerSettings } from './provider-settings.js'
import { type SignatureLimit, UNLIMITED, WRONG_SIGNATURE } from './signature-limit.js'
import { type ParsedToken, parseToken } from './token-form.js'
import { isRefusal, refusal, type TokenRefusal } from './token-refusal.js'
import { candidates, signingKey } from './token-signature.js'

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
   *
   * @param limit verifies the signature, once all else is found good, or refuses to @default always verifies it
   */
  verify(token: string, limit?: SignatureLimit): Promise<ProviderTokenClaims | AuthError>

  /** Whether the key that verified a token is still the provider's: remembered tokens end with their key. */
  isCurrent(claims: ProviderTokenClaims): boolean

  /**
   * What `iss` may be. Asked for if only the provider tells; while it cannot be asked, the refusal:
   * `ERR_PROVIDER_UNAVAILABLE` (503).
   */
  issuers(): Promise<readonly string[] | AuthError>

  /** Fetches the keys in the background if it is time to; `verify` and `isCurrent` do so, too. */
  refresh(): void

  status(): ProviderStatus

  /** The keys that are known, for the verifier that takes this one's place when the configuration is read again. */
  known(): KnownKeys | undefined

  /** Ends a running fetch. */
  close(): void
}

/** The least that `Retry-After` asks callers to wait. */
const SHORTEST_WAIT: Milliseconds = 1000

/**
 * A verifier for the tokens of an identity provider, as OAuth 2.0 resource servers check them (RFC 8725, RFC 9068 §4).
 * Nothing is fetched before the first token or `refresh()`. What needs no key is checked first: an expired or foreign token
 * costs no fetch.
 *
 * @throws TypeError if an option is not valid
 */
export function createProviderVerifier(options: ProviderOptions): ProviderVerifier {
  const { now = Date.now, clock = monotonic, log = () => undefined } = options
  const settings = providerSettings(options)
  const source = sourceOf(options)
  const counter = createOutcomeCounter()
  const keySet = createKeySet({
    first: inherited(options.known, source),
    load: (signal) => loadKeys(settings, signal),
    issuers: settings.issuers,
    refreshInterval: settings.refreshInterval,
    keepKeys: settings.keepKeys,
    clock,
    now,
    log,
    count: counter.fetch,
  })

  async function check(
    token: string,
    limit: SignatureLimit,
  ): Promise<ProviderTokenClaims | TokenRefusal> {
    const parsed = parseToken(token, settings)
    if (isRefusal(parsed)) return parsed
    const issuers = await knownIssuers()
    if (issuers.length === 0) return unavailable()
    const claims = checkClaims(parsed.claims, settings, issuers, now())
    if (isRefusal(claims)) return claims
    const key = await findKey(token, parsed, claims.tenant, limit)
    if (isRefusal(key)) return key
    const { subject, issuer, expiresAt } = claims
    const { groups, groupsProblem } = readGroups(parsed.claims, settings.groupsClaim)
    return {
      subject,
      issuer,
      expiresAt,
      keyId: key,
      groups,
      ...(groupsProblem !== undefined && { groupsProblem }),
    }
  }

  /** Empty if only the provider could tell, and cannot be asked. */
  async function knownIssuers(): Promise<readonly KnownIssuer[]> {
    if (keySet.issuers().length === 0) await keySet.ready()
    return keySet.issuers()
  }

  /** A key that is not known, or does not fit any more, may be a new one: the provider is asked once more. */
  async function findKey(
    token: string,
    parsed: ParsedToken,
    tenant: string | undefined,
    limit: SignatureLimit,
  ): Promise<PublicKey | TokenRefusal> {
    await keySet.ready()
    if (keySet.keys().length === 0) return unavailable()
    const verified = (keys: readonly PublicKey[]) =>
      keys.length === 0 ? 'unknown_key' : limit(() => signingKey(token, parsed, keys))
    const before = candidates(keySet.keys(), parsed, tenant)
    let found = await verified(before)
    if (typeof found === 'string' && (await keySet.renew())) {
      const after = candidates(keySet.keys(), parsed, tenant)
      const isSame = after.length === before.length && after.every((key, i) => key === before[i])
      if (!isSame) found = await verified(after)
    }
    if (found instanceof AuthError) return { outcome: 'limited', error: found }
    if (found === WRONG_SIGNATURE) return refusal('signature', 'its signature is not valid')
    if (found !== 'unknown_key') return found
    // Whether the provider has a new key cannot be told while it is away
    if (keySet.lastError() !== undefined) return unavailable()
    return refusal('unknown_key', unknownKeyText(parsed))
  }

  function unavailable(): TokenRefusal {
    const seconds = Math.ceil(Math.max(keySet.pause(), SHORTEST_WAIT) / 1000)
    const reason = keySet.lastError() ?? 'its keys are not known yet'
    const error = new AuthError('ERR_PROVIDER_UNAVAILABLE', 'identity provider unavailable', {
      headers: { 'Retry-After': String(seconds) },
      cause: new Error(reason),
    })
    return { outcome: 'unavailable', error }
  }

  return {
    async verify(token, limit = UNLIMITED) {
      const found = await check(token, limit)
      const isRefused = isRefusal(found)
      counter.token(isRefused ? found.outcome : 'accepted')
      return isRefused ? found.error : found
    },
    isCurrent(claims) {
      keySet.refresh()
      return keySet.has(claims.keyId)
    },
    async issuers() {
      const known = await knownIssuers()
      return known.length === 0 ? unavailable().error : known.map(({ issuer }) => issuer)
    },
    refresh: keySet.refresh,
    status() {
      const fetchedAt = keySet.fetched()?.fetchedAt
      const lastError = keySet.lastError()
      return {
        keys: keySet.keys().length,
        ...(fetchedAt !== undefined && { fetchedAt }),
        ...(lastError !== undefined && { lastError }),
        outcomes: counter.counts(),
      }
    },
    known() {
      const fetched = keySet.fetched()
      return fetched && { ...fetched, source }
    },
    close: keySet.close,
  }
}

const unknownKeyText = ({ kid, alg }: ParsedToken) =>
  kid === undefined
    ? `the provider has no key for ${alg}`
    : `it is signed with key ${shown(kid)} (${alg}), which the provider does not publish`
