import { createAuthenticator } from '../../src/authn/authenticator.js'
import { type CredentialCacheOptions, createCredentialCache } from '../../src/authn/cache/credential-cache.js'
import { type AttemptsOptions, createAttempts } from '../../src/authn/passwords/attempts.js'
import { createPasswordCheck, type PasswordCheckOptions } from '../../src/authn/passwords/password-check.js'
import type { TokenCheck } from '../../src/authn/token-check.js'
import { AuthError } from '../../src/errors.js'
import { createFakeHasher } from './fake-hasher.js'
import { createManualClock } from './manual-clock.js'
import { createManualDirectory } from './manual-directory.js'

export interface FakeSignInOptions {
  watch?: boolean
  cache?: CredentialCacheOptions
  passwords?: PasswordCheckOptions
  tokens?: TokenCheck
  attempts?: AttemptsOptions
}

/** An authenticator with everything around it, all of it in the test's hand. */
export function createFakeSignIn({ watch = false, cache: cacheOptions, passwords: passwordOptions, tokens, attempts }: FakeSignInOptions = {}) {
  const now = createManualClock()
  const directory = createManualDirectory({ watch })
  const hasher = createFakeHasher()
  const cache = createCredentialCache(directory, { now, ...cacheOptions })
  const passwords = createPasswordCheck(directory, hasher, { now, ...passwordOptions })
  const authenticator = createAuthenticator({ cache, passwords, tokens, attempts: attempts && createAttempts({ now, ...attempts }) })

  /** What comes of it, in a word: the user's name, or the code of the refusal. */
  async function signIn(name: string, password: string, origin?: string): Promise<string> {
    return outcome(authenticator.authenticate({ kind: 'password', name, password }, undefined, origin))
  }

  return { now, directory, hasher, cache, passwords, authenticator, signIn }
}

export async function outcome(answer: unknown): Promise<string> {
  try {
    const user = await answer
    return user instanceof AuthError ? user.code : (user as { name: string }).name
  } catch (error) {
    return error instanceof AuthError ? error.code : String(error)
  }
}
