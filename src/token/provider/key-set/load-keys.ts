import { shown } from '../../../text/printable.js'
import type { ProviderSettings } from '../provider-settings.js'
import { discoveryUrl, readDiscovery } from './discovery-document.js'
import { FetchFailure } from './fetch-failure.js'
import { fetchJson } from './fetch-json.js'
import { type KnownIssuer, knownIssuer } from './known-issuers.js'
import type { LoadedKeys } from './loaded-keys.js'
import { readKeys } from './public-keys.js'

/**
 * Fetches the provider's keys: from a key set, or by way of a discovery document; which of them it is, its content tells.
 *
 * @throws FetchFailure also if there is no key that can be used
 */
export async function loadKeys(
  settings: ProviderSettings,
  signal: AbortSignal,
): Promise<LoadedKeys> {
  const get = (from: string) => fetchJson(from, { ...settings, signal })
  const start = settings.jwksEndpoint ?? discoveryUrl(settings.issuer as string)
  const document = await get(start)
  if (hasKeys(document)) return used(document.keys, settings.issuers, start)
  if (!Object.hasOwn(document, 'jwks_uri')) {
    const what = 'is neither a key set (keys) nor a discovery document (jwks_uri)'
    throw new FetchFailure('invalid', `the answer of ${shown(start)} ${what}`)
  }
  const { issuer, jwksUri } = readDiscovery(document, start, settings)
  const set = await get(jwksUri)
  if (!hasKeys(set)) {
    throw new FetchFailure('invalid', `the answer of ${shown(jwksUri)} is not a key set`)
  }
  return used(set.keys, [knownIssuer(issuer, settings.provider)], jwksUri)
}

async function used(
  list: readonly unknown[],
  issuers: readonly KnownIssuer[],
  from: string,
): Promise<LoadedKeys> {
  if (issuers.length === 0) {
    const what = 'is a key set, which does not tell its issuer: set issuer'
    throw new FetchFailure('invalid', `the answer of ${shown(from)} ${what}`)
  }
  const { keys, skipped } = await readKeys(list)
  if (keys.length === 0) {
    const why = skipped.length === 0 ? 'it is empty' : skipped.join('; ')
    throw new FetchFailure('invalid', `the key set at ${shown(from)} has no usable key: ${why}`)
  }
  return { keys, skipped, issuers }
}

const hasKeys = (document: object): document is { keys: unknown[] } =>
  Object.hasOwn(document, 'keys') && Array.isArray((document as { keys: unknown }).keys)
