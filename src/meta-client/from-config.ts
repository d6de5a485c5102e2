import { readFileSync } from 'node:fs'
import { AuthError } from '../errors.js'
import type { Milliseconds } from '../time.js'
import type { MetaClientOptions, MetaCredentials, MetaTlsOptions } from './options.js'
import { tlsMistake } from './tls-mistake.js'

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

/**
 * The options of a meta client out of `[auth]` in the configuration: 127.0.0.1:8091 if `meta-addr` names no
 * node; `meta-internal-shared-secret` goes before `meta-username`. CA, certificate and key are read here,
 * and only with `meta-use-tls`.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, naming key and path, if one is missing, unreadable or unusable
 */
export function metaClientOptions(auth: MetaClientConfig): MetaClientOptions {
  const tls = auth.metaUseTls ? loadTls(auth) : undefined
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

function loadTls(auth: MetaClientConfig): MetaTlsOptions {
  const paths = { ca: auth.metaCa, cert: auth.metaCert, key: auth.metaKey }
  const tls: MetaTlsOptions = { insecureSkipVerify: auth.metaInsecureSkipVerify }
  for (const option of ['ca', 'cert', 'key'] as const) {
    if (paths[option] !== '') tls[option] = load(`[auth] meta-${option}`, paths[option])
  }
  const mistake = tlsMistake(tls)
  if (mistake) {
    const path = paths[mistake.option]
    throw invalid(`[auth] meta-${mistake.option}: ${path && `${path} `}${mistake.says}`)
  }
  return tls
}

function load(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const says = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw invalid(`${key}: ${path} ${says}`)
  }
}

function invalid(message: string): AuthError {
  return new AuthError('ERR_CONFIG_INVALID', message)
}
