import type { Config } from '../config/config.js'
import { createTokenVerifier, type TokenVerifier } from '../token/shared-secret.js'
import { type Authenticator, createAuthenticator } from './authenticator.js'
import { type CredentialCache, createCredentialCache } from './cache/credential-cache.js'
import type { Directory } from './directory/directory.js'
import { type AccountInspector, createAccountInspector } from './inspect-accounts.js'
import { type Attempts, createAttempts } from './passwords/attempts.js'
import type { PasswordHasher } from './passwords/hasher.js'
import { createPasswordCheck, type PasswordCheck } from './passwords/password-check.js'
import type { HashCost } from './passwords/password-hash.js'
import { createProviderCheck, wrongSignature } from './subjects/provider-check.js'
import type { ProviderSignIn } from './subjects/provider-sign-in.js'
import { createSubjectList } from './subjects/subject-list.js'
import { createSubjects } from './subjects/subjects.js'
import { withSubjects } from './subjects/with-subjects.js'
import { createTokenCheck } from './token-check.js'

/** Makes what checks bearer tokens signed with a secret. */
export type CreateVerifier = (secret: string) => TokenVerifier

/** Everything that signs users in against one directory. */
export interface SignIn {
  readonly cache: CredentialCache

  /** For explanations. */
  readonly inspector: AccountInspector

  readonly passwords: PasswordCheck

  /** What wrong passwords count against, whichever way they are offered. */
  readonly attempts: Attempts

  /**
   * An authenticator that also takes bearer tokens signed with `secret`, if there is one. Those of the identity provider are
   * remembered together for all of them.
   *
   * @param createVerifier makes what checks them @default as Kapacitor does
   */
  authenticator(secret?: string, createVerifier?: CreateVerifier): Authenticator

  /** The identity provider whose tokens are accepted; undefined if there is none. */
  readonly provider: ProviderSignIn | undefined

  /** Ends the subscription to the directory. The hasher is the caller's, and is not closed. */
  close(): void
}

export interface SignInOptions {
  /** How the directory is known to hash passwords, see `PasswordCheckOptions`. */
  readonly usual?: HashCost | undefined

  /** The identity provider whose tokens are accepted; it is not closed here. @default none */
  readonly provider?: ProviderSignIn | undefined
}

/** Signs users in against `directory`, as `[auth]` says. */
export function createSignIn(
  accounts: Directory,
  hasher: PasswordHasher,
  auth: Config['auth'],
  { usual, provider }: SignInOptions = {},
): SignIn {
  // Also without a provider: a token that a subject made is refused then
  const subjects = provider?.subjects ?? createSubjects(createSubjectList({}))
  const directory = withSubjects(accounts, subjects)
  const revalidateInterval = auth.revalidateInterval - rolesInterval(auth)
  const cache = createCredentialCache(directory, {
    expiration: auth.cacheExpiration,
    max: auth.cacheSize,
    lookupInterval: auth.lookupInterval,
    revalidateInterval,
  })
  const passwords = createPasswordCheck(directory, hasher, {
    digest: auth.digestEnabled,
    bcryptCost: auth.bcryptCost,
    usual,
    expiration: auth.cacheExpiration,
    revalidateInterval,
  })
  const limits = { interval: auth.wrongPasswordInterval, burst: auth.wrongPasswordBurst }
  const attempts = createAttempts(limits)
  const providerCheck =
    provider &&
    createProviderCheck(provider, {
      max: auth.cacheSize,
      attempts: createAttempts({ ...limits, what: 'tokens', isWrong: wrongSignature }),
    })
  return {
    cache,
    inspector: createAccountInspector(directory, cache),
    passwords,
    attempts,
    provider,
    authenticator: (secret, createVerifier = createTokenVerifier) =>
      createAuthenticator({
        cache,
        passwords,
        attempts,
        max: auth.cacheSize,
        tokens: secret
          ? createTokenCheck(createVerifier(secret), { max: auth.cacheSize })
          : undefined,
        provider: providerCheck,
      }),
    close: () => cache.close(),
  }
}

/** How old an answer about the roles may be. The cache's interval is shorter by as much, so that both together are in time. */
export function rolesInterval(auth: Config['auth']): number {
  return Math.min(auth.lookupInterval, auth.revalidateInterval / 2)
}
