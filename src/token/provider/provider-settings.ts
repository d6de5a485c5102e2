import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { shown } from '../../text/printable.js'
import { DAY, LONGEST_TIMER, type Milliseconds } from '../../time.js'
import { isSafeUrl } from './key-set/key-url.js'
import { derivedIssuers, type KnownIssuer, knownIssuer } from './key-set/known-issuers.js'
import { PROVIDER_ALGORITHMS } from './provider-algorithms.js'
import type { ProviderOptions } from './provider-options.js'

/** The options with every default filled in. */
export interface ProviderSettings {
  readonly isAzure: boolean
  readonly provider: string
  readonly jwksEndpoint: string | undefined
  readonly issuer: string | undefined
  /** Known without asking anybody; empty if only the discovery document tells. */
  readonly issuers: readonly KnownIssuer[]
  readonly clientIds: readonly string[]
  readonly audiences: readonly string[]
  readonly subjectClaim: string
  readonly groupsClaim: string | undefined
  readonly algorithms: readonly string[]
  readonly clockSkew: Milliseconds
  readonly maxAge: Milliseconds
  readonly refreshInterval: Milliseconds
  readonly keepKeys: Milliseconds
  readonly timeout: Milliseconds
  /** How the provider's certificate is verified; undefined: by Node's own list of authorities. */
  readonly trust: SecureContext | undefined
}

/** @throws TypeError that names the option */
export function providerSettings(options: ProviderOptions): ProviderSettings {
  const { provider = '', jwksEndpoint, issuer, groupsClaim } = options
  const isAzure = provider.toLowerCase() === 'azure'
  for (const [name, url] of [
    ['jwksEndpoint', jwksEndpoint] as const,
    ['issuer', issuer] as const,
  ]) {
    // An issuer beside jwksEndpoint is compared, never asked
    if (url === undefined || (name === 'issuer' && jwksEndpoint !== undefined)) continue
    if (isSafeUrl(url)) continue
    throw new TypeError(`${name} must be an https URL, or http on loopback, not ${shown(url)}`)
  }
  return {
    isAzure,
    provider,
    jwksEndpoint,
    issuer,
    issuers: issuersOf(provider, jwksEndpoint, issuer),
    clientIds: texts('clientIds', options.clientIds),
    audiences: texts('audiences', options.audiences),
    subjectClaim: options.subjectClaim ?? (isAzure ? 'oid' : 'sub'),
    groupsClaim: groupsClaim === '' ? undefined : groupsClaim,
    algorithms: algorithmsOf(options.algorithms),
    clockSkew: time('clockSkew', options.clockSkew, 60_000, 0),
    maxAge: time('maxAge', options.maxAge, 0, 0),
    refreshInterval: time('refreshInterval', options.refreshInterval, 600_000, 1),
    keepKeys: time('keepKeys', options.keepKeys, DAY, 1),
    timeout: Math.min(time('timeout', options.timeout, 5000, 1), LONGEST_TIMER),
    trust: trustOf(options.ca),
  }
}

function issuersOf(
  provider: string,
  jwksEndpoint: string | undefined,
  issuer: string | undefined,
): readonly KnownIssuer[] {
  if (issuer !== undefined) return [knownIssuer(issuer, provider)]
  if (jwksEndpoint === undefined) throw new TypeError('jwksEndpoint or issuer is needed')
  const issuers = derivedIssuers(jwksEndpoint, provider)
  if (issuers === undefined) {
    throw new TypeError(`issuer is needed: ${shown(jwksEndpoint)} does not tell whose keys it has`)
  }
  return issuers
}

function algorithmsOf(given: readonly string[] | undefined): readonly string[] {
  if (given === undefined || given.length === 0) return PROVIDER_ALGORITHMS
  const unknown = given.find((algorithm) => !PROVIDER_ALGORITHMS.includes(algorithm))
  if (unknown !== undefined) {
    const allowed = PROVIDER_ALGORITHMS.join(', ')
    throw new TypeError(`algorithms must be some of ${allowed}, not ${shown(unknown)}`)
  }
  return given.includes('EdDSA') ? [...given, 'Ed25519'] : given
}

function texts(name: string, given: readonly string[] = []): readonly string[] {
  if (given.every((text) => typeof text === 'string' && text !== '')) return given
  throw new TypeError(`${name} must be a list of texts that are not empty`)
}

function time(
  name: string,
  given: Milliseconds | undefined,
  preset: Milliseconds,
  least: Milliseconds,
): Milliseconds {
  if (given === undefined) return preset
  if (Number.isFinite(given) && given >= least) return given
  throw new TypeError(`${name} must be a time of at least ${least} ms, not ${shown(given)}`)
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** As for meta nodes: what is in a CA file is trusted, be it a root or not. What cannot be read is left out, as OpenSSL does. */
function trustOf(ca: ProviderOptions['ca']): SecureContext | undefined {
  if (ca === undefined) return undefined
  const texts = typeof ca === 'string' ? [ca] : ca
  const certificates = texts.flatMap((text) => text.match(CERTIFICATE) ?? []).filter(isReadable)
  if (certificates.length === 0) throw new TypeError('ca must be certificates in PEM')
  return createSecureContext({
    ca: certificates,
    allowPartialTrustChain: true,
    minVersion: 'TLSv1.2',
  })
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).subject !== undefined
  } catch {
    return false
  }
}
