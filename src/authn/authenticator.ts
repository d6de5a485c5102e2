import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import { OWN_TOKEN_PREFIX } from '../text/own-token-form.js'
import type { Milliseconds } from '../time.js'
import { invalidToken } from '../token/claims.js'
import { digestOf } from '../token/own-token.js'
import { isRefused } from '../token/refused-token.js'
import { createBearerAuthentication } from './bearer-authentication.js'
import type { CachedAccount } from './cache/cached-account.js'
import type { CredentialCache } from './cache/credential-cache.js'
import { createSecretMemory } from './cache/secret-memory.js'
import type { Credentials } from './credentials.js'
import { subscriptionKey, tokenKey } from './directory/account-key.js'
import type { Attempts } from './passwords/attempts.js'
import type { PasswordCheck } from './passwords/password-check.js'
import type { PasswordDigest } from './passwords/password-digest.js'
import type { ProviderCheck } from './subjects/provider-check.js'
import type { TokenCheck } from './token-check.js'
import { createVerifyPassword, type NamedRequester } from './verify-password.js'

/** Where a request comes from; a function is called only if it matters. */
export type Origin = string | (() => string | undefined)

/** The user, or the refusal (401). Both are answers; a rejection means that the answer is not known (503). */
export type Authentication = User | AuthError

export interface Authenticator {
  /**
   * The user with these credentials: at once if they are remembered, else as a promise.
   *
   * @param header the `Authorization` header that they were read from, if so, for `recall`
   * @param origin where the request comes from, for the limits per origin @default unknown
   */
  authenticate(
    credentials: Credentials,
    header?: string,
    origin?: Origin,
  ): Authentication | Promise<Authentication>

  /**
   * The user whose password or token this `Authorization` header was found to hold, if it still is theirs. A shortcut that
   * does not parse the header: what is not recalled must be authenticated.
   */
  recall?(header: string): User | undefined

  /** Forgets what is remembered of one user, or of all. */
  forget(name?: string): void

  /** How long ago the directory was asked for what is known of that user, for logs. Optional. */
  age?(name: string): Milliseconds | undefined
}

export interface AuthenticatorOptions {
  cache: CredentialCache
  passwords: PasswordCheck

  /** Checks bearer tokens that are signed with a shared secret. Without it each of them is refused. */
  tokens?: TokenCheck | undefined

  /** Checks bearer tokens of an identity provider. Without it each of them is refused. */
  provider?: ProviderCheck | undefined

  /** Limits what each origin may cost. @default no limits */
  attempts?: Attempts | undefined

  /** How many headers `recall` knows. @default 10_000 */
  max?: number
}

/** What an `Authorization` header was found to hold. It only says where to look: an outdated one lets nobody in. */
interface VerifiedHeader {
  /** The user's name, or the account key of an own token. */
  readonly name: string

  /** The digest of its password: right for as long as the account has this very digest. Undefined for an own token. */
  readonly digest: PasswordDigest | undefined

  /** The account as it was last found: a second look-up in the cache is 2 % of a Koa application's request. */
  cached: CachedAccount
}

/** Credentials → user. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { cache, passwords, attempts, max = 10_000 } = options
  const headers = createSecretMemory<VerifiedHeader>(max)
  const verifyPassword = createVerifyPassword(cache, passwords)
  const bearer = createBearerAuthentication(options)

  function recall(header: string): User | undefined {
    // Bearer tokens that others sign have their own memory
    if (header.startsWith(BEARER) && !header.startsWith(OWN_TOKEN_PREFIX, BEARER.length)) {
      return bearer.remembered(header, BEARER.length)
    }
    const verified = headers.get(header)
    if (verified === undefined) return undefined
    if (!cache.isUsable(verified.cached)) {
      const cached = cache.peek(verified.name)
      if (!cached) return undefined
      verified.cached = cached
    }
    const { cached, digest } = verified
    if (digest === undefined) return cached.account.user // its key is made of the token itself
    return passwords.stillHolds(cached, digest) ? cached.account.user : undefined
  }

  function authenticate(
    credentials: Credentials,
    header?: string,
    origin?: Origin,
  ): Authentication | Promise<Authentication> {
    switch (credentials.kind) {
      case 'password': {
        const { name, password } = credentials
        const user = rememberedUser(name, password, header)
        return user ?? authenticatePassword({ origin: known(origin), name }, password, header)
      }
      case 'bearer':
        return (
          bearer.remembered(credentials.token) ?? bearer.verify(credentials.token, known(origin))
        )
      case 'token': {
        const key = tokenKey(digestOf(credentials.token))
        return rememberedToken(key, header) ?? authenticateToken(key, header, known(origin))
      }
      case 'subscription': {
        const key = subscriptionKey(digestOf(credentials.token))
        return cache.peek(key)?.account.user ?? authenticateSubscription(key, known(origin))
      }
    }
  }

  /** Known by the account key; from now on by the header, too. */
  function rememberedToken(key: string, header?: string): User | undefined {
    const cached = cache.peek(key)
    if (!cached) return undefined
    if (header !== undefined) headers.set(header, { name: key, digest: undefined, cached })
    return cached.account.user
  }

  async function authenticateToken(
    key: string,
    header: string | undefined,
    origin: string | undefined,
  ): Promise<Authentication> {
    const found = await cache.findToken(key, { origin, name: key })
    if (found === undefined || isRefused(found)) {
      const why = 'unknown, revoked, expired, or its owner may not sign in any more'
      return invalidToken(why, { token: found }) // which of these is for the log only
    }
    return rememberedToken(key, header) ?? found.account.user
  }

  async function authenticateSubscription(
    key: string,
    origin: string | undefined,
  ): Promise<Authentication> {
    const found = await cache.findToken(key, { origin, name: key })
    if (found !== undefined && !isRefused(found)) return found.account.user
    const says = 'invalid subscription token'
    return new AuthError('ERR_CREDENTIALS_REJECTED', says, { token: found })
  }

  /** Known by the password's digest; from now on by the header's too. */
  function rememberedUser(name: string, password: string, header?: string): User | undefined {
    const cached = cache.peek(name)
    if (!cached?.digest || !passwords.isRemembered(cached, password)) return undefined
    if (header !== undefined) headers.set(header, { name, digest: cached.digest, cached })
    return cached.account.user
  }

  async function authenticatePassword(
    requester: NamedRequester,
    password: string,
    header?: string,
  ): Promise<Authentication> {
    const verify = () => verifyPassword(requester, password)
    const isFree = !attempts || (await isFamiliar(requester.name, password))
    const answer = await (isFree ? verify() : attempts.run(requester, verify))
    if (!(answer instanceof AuthError)) rememberedUser(requester.name, password, header)
    return answer
  }

  /**
   * Whether a known user offers the password that was right last: then only the account is overdue, and nothing is
   * hashed. A known user is looked up once an interval at most, so that this does not count as an attempt.
   */
  async function isFamiliar(name: string, password: string): Promise<boolean> {
    if (!cache.isFamiliar(name)) return false
    const cached = await cache.find(name)
    return cached !== undefined && passwords.isFamiliar(cached, password)
  }

  return {
    authenticate,
    recall,
    forget: (name) => cache.forget(name),
    age: (name) => cache.age(name),
  }
}

const BEARER = 'Bearer '

const known = (origin: Origin | undefined) => (typeof origin === 'function' ? origin() : origin)
