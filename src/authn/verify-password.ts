import type { User } from '../authz/user.js'
import { AuthError } from '../errors.js'
import type { CachedAccount } from './cache/cached-account.js'
import type { CredentialCache } from './cache/credential-cache.js'
import { rejected } from './credentials.js'
import type { Requester } from './passwords/hasher.js'
import type { PasswordCheck } from './passwords/password-check.js'

/** Whose password is in question, and where the request comes from. */
export type NamedRequester = Requester & { readonly name: string }

/**
 * A password is verified against the account that is current when the verification ends; an account that
 * keeps changing meanwhile is given up after this many rounds.
 */
const ROUNDS = 3

/**
 * A function for the user of that name and password, or the refusal (401), by look-up and hash. A password that is right
 * is remembered.
 */
export function createVerifyPassword(cache: CredentialCache, passwords: PasswordCheck) {
  /** Whether the cache still holds that account. Without caching each request has its own. */
  function isCurrent(name: string, cached: CachedAccount): boolean {
    return !cache.enabled || cache.peek(name) === cached
  }

  function accept(cached: CachedAccount, password: string): User {
    if (cache.enabled) passwords.remember(cached, password)
    return cached.account.user
  }

  return async function verifyPassword(
    requester: NamedRequester,
    password: string,
  ): Promise<User | AuthError> {
    const { name } = requester
    let verifiedHash: string | undefined
    for (let round = 0; round < ROUNDS; round++) {
      const cached = await cache.find(name, requester)
      if (!cached) {
        await passwords.checkUnknown(name, password, requester)
        return rejected()
      }
      // The hash may have changed during the verification: what was verified counts for that hash only
      if (verifiedHash === cached.account.hash) return accept(cached, password)
      if (await passwords.isRight(cached, password, requester)) {
        if (isCurrent(name, cached)) return accept(cached, password)
        verifiedHash = cached.account.hash
      } else {
        const fresh = cache.enabled ? await cache.recheck(name) : cached
        if (!fresh || fresh.account.hash === cached.account.hash) return rejected()
      }
    }
    throw new AuthError('ERR_BUSY', 'the account is being changed, try again')
  }
}
