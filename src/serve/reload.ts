import { isDeepStrictEqual } from 'node:util'
import { type Config, camelCase } from '../config/config.js'
import { Secret } from '../text/secret.js'

/** Keys that a running server cannot change: where it listens, and what it keeps open. */
const FIXED: readonly RegExp[] = [
  /^http\.(?:bind-address|https-enabled|https-client-ca|workers)$/,
  /^http\.(?:https-certificate|https-private-key|max-header-bytes|max-connection-limit)$/,
  /^http\.(?:(?:header|body|keep-alive)-timeout)$/,
  /^meta\./,
  /^admin\./,
]

/** And, with the embedded meta node, the threads that it shares. */
const FIXED_EMBEDDED = /^auth\.hash-(?:threads|queue)$/

/** The keys whose new values wait for a restart, by their full names. */
export function needRestart(before: Config, after: Config): string[] {
  const isEmbedded = (config: Config) => config.auth.metaAddr.length === 0
  const fixed = changedKeys(before, after).filter(
    (id) =>
      FIXED.some((pattern) => pattern.test(id)) || (isEmbedded(before) && FIXED_EMBEDDED.test(id)),
  )
  return isEmbedded(before) === isEmbedded(after) ? fixed : [...fixed, 'auth.meta-addr']
}

/** The keys whose values differ, by their full names. */
export function changedKeys(before: Config, after: Config): string[] {
  return [...after.origins.keys()].filter((id) => !isSame(before, after, id))
}

function isSame(before: Config, after: Config, id: string): boolean {
  return isDeepStrictEqual(settingOf(before, id), settingOf(after, id))
}

function settingOf(config: Config, id: string): unknown {
  const [section = '', name = ''] = id.split('.')
  const values = config[section as 'http'] as Readonly<Record<string, unknown>>
  const value = values[camelCase(name)]
  return value instanceof Secret ? value.reveal() : value
}
