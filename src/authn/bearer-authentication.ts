import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { refuseToken } from '../token/claims.js'
import { algorithmOf, isSymmetric } from '../token/token-algorithm.js'
import type { CredentialCache } from './cache/credential-cache.js'
import { rejected } from './credentials.js'
import { notListed, type ProviderCheck } from './subjects/provider-check.js'
import type { TokenCheck } from './token-check.js'

export interface BearerAuthenticationOptions {
  readonly cache: CredentialCache
  readonly tokens?: TokenCheck | undefined
  readonly provider?: ProviderCheck | undefined
}

/** Bearer tokens that others sign → user. */
export interface BearerAuthentication {
  /** The user of a token that was found good before. */
  remembered(token: string): User | undefined

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

  return {
    remembered(token) {
      const found = provider?.remembered(token)
      if (found) {
        if (!found.cached || !cache.isUsable(found.cached)) found.cached = cache.peek(found.key)
        return found.cached?.account.user
      }
      const claims = tokens?.remembered(token)
      return claims && isName(claims.username)
        ? cache.peek(claims.username)?.account.user
        : undefined
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
