import type { Authenticator } from '../authn/authenticator.js'
import type { CredentialCache } from '../authn/cache/credential-cache.js'
import type { Directory } from '../authn/directory/directory.js'
import { createMetaDirectory } from '../authn/directory/meta-directory.js'
import type { AccountInspector } from '../authn/inspect-accounts.js'
import { createHasher, hashCost } from '../authn/passwords/configured-hashing.js'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import { type CreateVerifier, createSignIn, rolesInterval } from '../authn/sign-in.js'
import { createProviderSignIn, type ProviderSignIn } from '../authn/subjects/provider-sign-in.js'
import type { Config } from '../config/config.js'
import type { Logger } from '../log/logger.js'
import { warn } from '../log/logger.js'
import { createMetaClient, type MetaClient } from '../meta-client/client.js'
import { metaClientOptions } from '../meta-client/from-config.js'
import type { MetaClientEvent, MetaClientLog, MetaRequest } from '../meta-client/wire/event.js'
import { createEventLog, messageOf } from '../meta-client/wire/log-events.js'
import type { ProviderStatus } from '../token/provider/provider-verifier.js'

export interface OwnLoginOptions {
  /** Where accounts are looked up. @default the meta nodes of `[auth] meta-addr`; 127.0.0.1:8091 if it names none */
  directory?: Directory

  /** The hasher of a program that has one already; it is not closed here. @default threads as `[auth]` says */
  hasher?: PasswordHasher

  /** The identity provider of a program that has one already; it is not closed here. @default the one that `[oidc]` names */
  provider?: ProviderSignIn | undefined

  /** Called for each attempt at a meta node, for metrics. Must not throw. @default not called */
  onMetaRequest?: (request: MetaRequest) => void

  /**
   * The operator's log. @default `process.emitWarning`, for the configuration's warnings and the first
   * trouble of each kind with a meta node
   */
  logger?: Logger
}

/** The state of cache, hashing and change feed. */
export interface AuthStats {
  /** Accounts in the cache. */
  readonly cached: number
  /** Accounts evicted to make room for others, since the start. */
  readonly evictions: number
  /** Passwords being checked, and waiting to be; undefined for a hasher that does not count them. */
  readonly hashing: number | undefined
  readonly waiting: number | undefined
  /** Whether the change feed of a meta node is connected, and how many events have come; undefined if there is none. */
  readonly push?: { readonly up: boolean; readonly events: number } | undefined
  /** What is known of the identity provider; undefined if there is none. */
  readonly provider?: ProviderStatus | undefined
}

const NO_META_ADDR =
  '[auth] meta-addr is empty: 127.0.0.1:8091 is asked. The middleware starts no meta node; kapacitor-auth meta-node does'

/**
 * Without a logger, the first trouble of each kind is a warning of Node's: otherwise every request might get 503 for no
 * visible reason.
 */
function warnOnce(): MetaClientLog {
  const warned = new Set<MetaClientEvent['event']>()
  return (event) => {
    const isTrouble = event.event === 'answer-refused' || event.event === 'attempt-failed'
    if (!isTrouble || warned.has(event.event)) return
    warned.add(event.event)
    warn(undefined, messageOf(event))
  }
}

/** Signs users in: one cache, one hasher, one subscription, however many doors ask. */
export interface OwnLogin {
  readonly cache: CredentialCache

  /** For explanations. */
  readonly inspector: AccountInspector

  /** The one that takes bearer tokens signed with `[http] shared-secret`. */
  readonly authenticator: Authenticator

  /**
   * For a door with a shared secret of its own; the same one for the same secret.
   *
   * @param createVerifier makes what checks bearer tokens @default as Kapacitor does
   */
  authenticatorFor(secret: string | undefined, createVerifier?: CreateVerifier): Authenticator

  /**
   * Goes on with another identity provider, or with other users of it.
   *
   * @throws AuthError `ERR_CONFIG_INVALID` if its `ca` cannot be used
   */
  useProvider(oidc: Config['oidc']): void

  /** Resolves when the directory can be asked; rejects with the reason. */
  ping(): Promise<void>

  /** Forgets what is remembered of one user, or of all. */
  forget(name?: string): void

  /** Figures for metrics. */
  stats(): AuthStats

  /** Ends hashing threads and connections. */
  close(): Promise<void>
}

/**
 * Everything from the meta node's answers up to the authenticator.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a certificate or key that `[auth]` or `[oidc]` names cannot be used
 */
export function createOwnLogin(config: Config, options: OwnLoginOptions): OwnLogin {
  const { auth, http, meta, oidc } = config
  const { directory, hasher: given, logger } = options
  const log = logger ? createEventLog(logger) : warnOnce()
  if (!directory && auth.metaAddr.length === 0) warn(logger, NO_META_ADDR)
  const provider = options.provider ?? createProviderSignIn(oidc, logger)
  const client = directory
    ? undefined
    : createMetaClient({ ...metaClientOptions(auth), log, observe: options.onMetaRequest })
  const known =
    directory ??
    createMetaDirectory(client as MetaClient, {
      rolesInterval: rolesInterval(auth),
      push: auth.metaPush,
    })
  const hasher = given ?? createHasher(auth)
  const signIn = createSignIn(known, hasher, auth, { usual: hashCost(meta), provider })
  const { cache, inspector } = signIn
  const authenticators: AuthenticatorFor[] = []

  function authenticatorFor(
    secret: string | undefined,
    createVerifier?: CreateVerifier,
  ): Authenticator {
    const known = authenticators.find(
      (one) => one.secret === secret && one.createVerifier === createVerifier,
    )
    if (known) return known.authenticator
    const authenticator = signIn.authenticator(secret, createVerifier)
    authenticators.push({ secret, createVerifier, authenticator })
    return authenticator
  }

  return {
    cache,
    inspector,
    ping: async () => known.ping?.(),
    authenticator: authenticatorFor(http.sharedSecret?.reveal()),
    authenticatorFor,
    useProvider: (next) => provider.use(next),
    forget(name?: string) {
      for (const { authenticator } of authenticators) authenticator.forget(name)
    },
    stats: (): AuthStats => ({
      cached: cache.size,
      evictions: cache.evictions,
      hashing: hasher.running,
      waiting: hasher.waiting,
      push: client?.subscription && {
        up: client.subscription.up,
        events: client.subscription.events,
      },
      provider: provider.status(),
    }),
    async close() {
      signIn.close()
      if (!options.provider) provider.close()
      client?.close()
      if (!given) await hasher.close()
    },
  }
}

/** An authenticator, and what it was made for. */
interface AuthenticatorFor {
  readonly secret: string | undefined
  readonly createVerifier: CreateVerifier | undefined
  readonly authenticator: Authenticator
}
