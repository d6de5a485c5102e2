import { shown } from '../../../text/printable.js'
import type { ProviderSettings } from '../provider-settings.js'
import { FetchFailure } from './fetch-failure.js'
import { isSafeUrl } from './key-url.js'
import { derivedIssuers } from './known-issuers.js'

/** Where an issuer's discovery document is (OpenID Connect Discovery 1.0 §4.1). */
export const discoveryUrl = (issuer: string): string =>
  `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

/** Where another layout puts it (RFC 8414 §3.1): between host and path. */
function insertedUrl(issuer: string, kind: string): string | undefined {
  if (!URL.canParse(issuer)) return undefined
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/${kind}${pathname === '/' ? '' : pathname}`
}

export interface Discovered {
  readonly issuer: string
  readonly jwksUri: string
}

/**
 * What a discovery document that was fetched from `url` says. Its `issuer` must be the one that was set, else the one
 * whose document is at that URL (RFC 8414 §3.3); its keys must be at a safe place. What else it lists is ignored.
 *
 * @throws FetchFailure
 */
export function readDiscovery(
  document: Readonly<Record<string, unknown>>,
  url: string,
  settings: ProviderSettings,
): Discovered {
  const { issuer, jwks_uri: jwksUri } = document
  const where = `the discovery document at ${shown(url)}`
  if (typeof issuer !== 'string' || issuer === '') {
    throw new FetchFailure('invalid', `${where} names no issuer`)
  }
  if (settings.issuer !== undefined && issuer !== settings.issuer) {
    const wanted = shown(settings.issuer)
    throw new FetchFailure('invalid', `${where} is of issuer ${shown(issuer)}, not of ${wanted}`)
  }
  // What came by https names nothing that is asked by http, this machine neither
  const isSafe = typeof jwksUri === 'string' && isSafeUrl(jwksUri)
  if (!isSafe || (isHttps(url) && !isHttps(jwksUri))) {
    const given = shown(jwksUri === undefined ? '' : jwksUri)
    throw new FetchFailure('invalid', `${where} has no https jwks_uri: ${given}`)
  }
  if (settings.issuer === undefined && !isAt(issuer, url) && !isOfTenant(issuer, jwksUri)) {
    const hint = issuer.includes('{tenantid}')
      ? "put your tenant's id into the URL"
      : 'set issuer if that is right'
    throw new FetchFailure('invalid', `${where} is of another issuer, ${shown(issuer)}: ${hint}`)
  }
  return { issuer, jwksUri }

  /** Entra's document for tokens of version 1 names an issuer on another host. */
  function isOfTenant(text: string, keys: string): boolean {
    return (
      settings.isAzure &&
      new URL(keys).origin === new URL(url).origin &&
      (derivedIssuers(keys, settings.provider) ?? []).some((known) => known.issuer === text)
    )
  }
}

const isHttps = (url: string) => new URL(url).protocol === 'https:'

function isAt(issuer: string, url: string): boolean {
  const { origin, pathname } = new URL(url)
  const plain = origin + pathname
  return [
    discoveryUrl(issuer),
    insertedUrl(issuer, 'openid-configuration'),
    insertedUrl(issuer, 'oauth-authorization-server'),
  ].includes(plain)
}
