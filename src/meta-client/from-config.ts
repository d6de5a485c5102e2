import { AuthError } from '../errors.js'
import type { Milliseconds } from '../time.js'
import { type ClientTlsPaths, loadClientTls } from '../tls/client-tls-files.js'
import type { MetaClientOptions, MetaCredentials } from './wire/options.js'

/** A text that is not printed by accident. */
interface SecretText {
  reveal(): string
}

/** What is needed of `[auth]` in the configuration. Paths and names are `''` when not set. */
export interface MetaClientConfig {
  readonly metaAddr: readonly string[]
  readonly metaUsername: string
  readonly metaPassword?: SecretText | undefined
  readonly metaInternalSharedSecret?: SecretText | undefined
  readonly metaUseTls: boolean
  readonly metaCa: string
  readonly metaCert: string
  readonly metaKey: string
  readonly metaInsecureSkipVerify: boolean
  readonly metaTimeout: Milliseconds
  readonly metaAttemptTimeout: Milliseconds
}

/** Where a meta node listens by itself. */
const DEFAULT_ADDRESS = '127.0.0.1:8091'

/** What the keys of `metaTlsPaths` begin with, for messages. */
export const META_TLS = '[auth] meta-'

/**
 * The options of a meta client out of `[auth]` in the configuration: 127.0.0.1:8091 if `meta-addr` names no
 * node; `meta-internal-shared-secret` goes before `meta-username`. CA, certificate and key are read here,
 * and only with `meta-use-tls`.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, naming key and path, if one is missing, unreadable or unusable
 */
export function metaClientOptions(auth: MetaClientConfig): MetaClientOptions {
  const tls = auth.metaUseTls && {
    ...loadClientTls(META_TLS, metaTlsPaths(auth)),
    insecureSkipVerify: auth.metaInsecureSkipVerify,
  }
  const credentials = credentialsOf(auth)
  return {
    addresses: auth.metaAddr.length > 0 ? auth.metaAddr : [DEFAULT_ADDRESS],
    timeout: auth.metaTimeout,
    attemptTimeout: auth.metaAttemptTimeout,
    ...(tls && { tls }),
    ...(credentials && { credentials }),
  }
}

function credentialsOf(auth: MetaClientConfig): MetaCredentials | undefined {
  const secret = auth.metaInternalSharedSecret?.reveal()
  if (secret) return { kind: 'node', secret }
  const { metaUsername: username } = auth
  if (username === '') return undefined
  if (username.includes(':')) throw invalid('[auth] meta-username must not contain a colon')
  return { kind: 'basic', username, password: auth.metaPassword?.reveal() ?? '' }
}

/** Where `[auth]` names CA, certificate and key. */
export function metaTlsPaths(
  auth: Pick<MetaClientConfig, 'metaCa' | 'metaCert' | 'metaKey'>,
): ClientTlsPaths {
  return { ca: auth.metaCa, cert: auth.metaCert, key: auth.metaKey }
}

function invalid(message: string): AuthError {
  return new AuthError('ERR_CONFIG_INVALID', message)
}
