import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { refuseToken } from '../token/claims.js'
import type { TokenClaims } from '../token/shared-secret.js'
import { algorithmOf, isSymmetric } from '../token/token-algorithm.js'
import type { CachedAccount } from './cache/cached-account.js'
import type { CredentialCache } from './cache/credential-cache.js'
import { rejected } from './credentials.js'
import { notListed, type ProviderCheck } from './subjects/provider-check.js'
import type { TokenCheck } from './token-check.js'

/** What is remembered of a token: also the account as it was last found. */
interface Holder {
  cached?: CachedAccount | undefined
}

/** What a token signed with the shared secret says. */
export interface SharedToken extends TokenClaims, Holder {}

export interface BearerAuthenticationOptions {
  readonly cache: CredentialCache
  readonly tokens?: TokenCheck<SharedToken> | undefined
  readonly provider?: ProviderCheck | undefined
}

/** Bearer tokens that others sign → user. */
export interface BearerAuthentication {
  /**
   * The user of a token that was found good before.
   *
   * @param start where the token begins in the text, such as a header's value @default 0
   */
  remembered(text: string, start?: number): User | undefined

  /** @param origin where the request comes from, for fair turns and limits */
  verify(token: string, origin?: string): Promise<User | AuthError>
}

/**
 * The algorithm that a token names decides who checks it, once: with the shared secret (HMAC), or by the identity provider's
 * keys (all others). What one refuses is not shown to the other.
 */
export function createBearerAuthentication(
  options: BearerAuthenticationOptions,
): BearerAuthentication {
  const { cache, tokens, provider } = options

  async function verifyShared(
    check: TokenCheck,
    token: string,
    origin: string | undefined,
  ): Promise<User | AuthError> {
    const claims = await check.verify(token)
    if (claims instanceof AuthError) return claims
    const { username } = claims
    if (!isName(username)) return rejected()
    return (await cache.find(username, { origin, name: username }))?.account.user ?? rejected()
  }

  async function verifyProvided(
    check: ProviderCheck,
    token: string,
    origin: string | undefined,
  ): Promise<User | AuthError> {
    const found = await check.verify(token, origin)
    if (found instanceof AuthError) return found
    const cached = await cache.find(found.key, { origin, name: found.key })
    return cached?.account.user ?? notListed(found)
  }

  /**
   * The account as it was last found is used for a second at most, so that a second look-up is saved, and whether the
   * provider still has the key is asked no more often: together 5 % of a Koa application's request.
   */
  function userOf(token: Holder, key: string, isCurrent?: () => boolean): User | undefined {
    if (!token.cached || !cache.isUsable(token.cached)) {
      token.cached = isCurrent?.() === false ? undefined : cache.peek(key)
    }
    return token.cached?.account.user
  }

  return {
    remembered(text, start) {
      const subject = provider?.remembered(text, start)
      if (subject) return userOf(subject, subject.key, subject.isCurrent)
      const shared = tokens?.remembered(text, start)
      return shared && isName(shared.username) ? userOf(shared, shared.username) : undefined
    },
    async verify(token, origin) {
      const algorithm = algorithmOf(token)
      // Without a provider the other one words the refusal, too, as Kapacitor and InfluxDB do
      const isProvided = provider?.isOn ? !isSymmetric(algorithm) : tokens === undefined
      if (!isProvided && tokens) return verifyShared(tokens, token, origin)
      if (isProvided && provider?.isOn) return verifyProvided(provider, token, origin)
      return disabled(algorithm)
    },
  }
}

/** Whether it may be a local user's: what begins with NUL is another kind of account's key. */
const isName = (username: string) => username.charCodeAt(0) !== 0

/** Nobody here checks such tokens. */
function disabled(algorithm: string | undefined): AuthError {
  const isProviders = algorithm !== undefined && !isSymmetric(algorithm)
  const says = 'bearer tokens are not enabled'
  return refuseToken(isProviders ? `${says}: set [oidc] to accept an identity provider's` : says)
}
