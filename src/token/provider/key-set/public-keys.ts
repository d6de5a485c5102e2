import type { CryptoKey, JWK } from 'jose'
import { createLocalJWKSet } from 'jose/jwks/local'
import { shown } from '../../../text/printable.js'
import { PROVIDER_ALGORITHMS } from '../provider-algorithms.js'
import { tenantOfKey } from './known-issuers.js'

/** One key of a provider. The object stays the same as long as the provider publishes the same key. */
export interface PublicKey {
  readonly kid: string | undefined
  /** Equal for equal keys. */
  readonly identity: string
  /** The only tenant that it signs for (Entra). */
  readonly tenant: string | undefined
  /** The key for that algorithm. @throws JWKSNoMatchingKey if it is not a key for it */
  readonly forAlgorithm: (alg: string) => Promise<CryptoKey>
}

export interface PublicKeys {
  readonly keys: readonly PublicKey[]
  /** Why keys of the set are not used: printable, for the log. */
  readonly skipped: readonly string[]
}

/** More keys than any provider publishes. */
const MAX_KEYS = 100

/** The longest `kid`, in characters. */
export const LONGEST_KID = 256

/** Members that only private and symmetric keys have (RFC 7518 §6). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** The usable keys of a key set (RFC 7517). Each is read by itself: one that cannot be used does not affect the others. */
export async function readKeys(list: readonly unknown[]): Promise<PublicKeys> {
  const keys = new Map<string, PublicKey>()
  const skipped: string[] = []
  for (const [index, jwk] of list.slice(0, MAX_KEYS).entries()) {
    const key = await readKey(jwk)
    if (typeof key !== 'string') keys.set(key.identity, key)
    else skipped.push(`key ${index + 1} ${key}`)
  }
  if (list.length > MAX_KEYS) skipped.push(`${list.length - MAX_KEYS} after the first ${MAX_KEYS}`)
  return { keys: [...keys.values()], skipped }
}

/** The key, or what is wrong with it. */
async function readKey(given: unknown): Promise<PublicKey | string> {
  if (typeof given !== 'object' || given === null) return 'is not an object'
  const jwk = given as Readonly<Record<string, unknown>>
  if (PRIVATE.some((member) => Object.hasOwn(jwk, member))) return 'is not public'
  const { kty, n, e, crv, x, y, kid, alg, use, key_ops } = jwk
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > LONGEST_KID)) {
    return `has a kid that is not text of at most ${LONGEST_KID} characters`
  }
  if (use !== undefined && use !== 'sig') return `is for other uses (${shown(use)})`
  const algorithm = alg ?? usualAlgorithm(kty, crv)
  if (typeof algorithm !== 'string' || !PROVIDER_ALGORITHMS.includes(algorithm)) {
    return `is of a kind that is not supported (${shown(alg ?? crv ?? kty ?? '')})`
  }
  const clean = JSON.parse(JSON.stringify({ kty, n, e, crv, x, y, alg, use, key_ops }))
  try {
    const select = createLocalJWKSet({ keys: [clean as JWK] })
    const forAlgorithm = (name: string) => select({ alg: name })
    const weakness = weaknessOf(await forAlgorithm(algorithm))
    if (weakness !== undefined) return weakness
    const tenant = tenantOfKey(jwk.issuer)
    return { kid, tenant, forAlgorithm, identity: JSON.stringify([kid, tenant, clean]) }
  } catch {
    return 'cannot be read'
  }
}

/** Some algorithm that such a key can be used with (Entra's keys do not say it). */
function usualAlgorithm(kty: unknown, crv: unknown): string | undefined {
  if (kty === 'RSA') return 'RS256'
  if (kty === 'OKP' && crv === 'Ed25519') return 'EdDSA'
  if (kty !== 'EC') return undefined
  return ({ 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' } as Record<string, string>)[
    String(crv)
  ]
}

/** RFC 7518 §3.3 asks for 2048 bits; an exponent of 1 would make every signature good. */
function weaknessOf({ algorithm }: CryptoKey): string | undefined {
  const { modulusLength, publicExponent } = algorithm as {
    modulusLength?: number
    publicExponent?: Uint8Array
  }
  if (modulusLength === undefined || publicExponent === undefined) return undefined
  if (modulusLength < 2048) return `has only ${modulusLength} bits`
  if (modulusLength > 16_384) return `has ${modulusLength} bits`
  const last = publicExponent.at(-1) ?? 0
  const isOne = last === 1 && publicExponent.slice(0, -1).every((byte) => byte === 0)
  return last % 2 === 0 || isOne ? 'has an exponent that proves nothing' : undefined
}
