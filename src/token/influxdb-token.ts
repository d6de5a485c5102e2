import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AuthError } from '../errors.js'
import { LATEST, refuseToken, secretKey } from './claims.js'
import type { TokenVerifier } from './shared-secret.js'

/** What `alg` may say (RFC 7518 §3.2), and the hash behind it. */
const HASHES = new Map([
  ['HS256', 'sha256'],
  ['HS384', 'sha384'],
  ['HS512', 'sha512'],
])

/** Algorithms that InfluxDB's library knows, and InfluxDB refuses. */
const OTHER_ALGORITHM = /^(?:none|(?:RS|ES|PS)(?:256|384|512))$/

/**
 * A verifier for JSON Web Tokens as InfluxDB 1.x takes them, with its texts and in its order: form, algorithm, times and
 * signature, claims. Unlike InfluxDB it refuses an `exp` that is not a usable time: one before 1970 ends, or beyond any date.
 *
 * @param secret at least 16 bytes
 * @param now milliseconds since the epoch, on the same clock as the signer's
 * @throws TypeError if the secret is shorter
 */
export function createInfluxdbTokenVerifier(
  secret: string,
  now: () => number = Date.now,
): TokenVerifier {
  const key = secretKey(secret)
  return async function verifyInfluxdbToken(token) {
    const parts = token.split('.')
    const [head = '', payload = '', signature = ''] = parts
    if (parts.length !== 3) return refuseToken('token contains an invalid number of segments')
    const header = readObject(head)
    if (isRefusal(header)) return header
    const claims = readObject(payload)
    if (isRefusal(claims)) return claims
    const { alg } = header
    if (typeof alg !== 'string') return refuseToken('signing method (alg) is unspecified.')
    const hash = HASHES.get(alg)
    if (hash === undefined) {
      const isKnown = OTHER_ALGORITHM.test(alg)
      return refuseToken(
        isKnown ? `unexpected signing method: ${alg}` : 'signing method (alg) is unavailable.',
      )
    }
    const signed = decode(signature)
    if (typeof signed === 'string') return refuseToken(signed)
    const expected = createHmac(hash, key).update(`${head}.${payload}`).digest()
    if (signed.length !== expected.length || !timingSafeEqual(signed, expected)) {
      return refuseToken('signature is invalid')
    }
    const refusal = timeRefusal(claims, now() / 1000)
    if (refusal !== undefined) return refuseToken(refusal)
    const { exp, username } = claims
    if (typeof exp !== 'number' || exp <= 0) return refuseToken('token expiration required')
    if (exp >= LATEST) return refuseToken('token expiration is not a time')
    if (typeof username !== 'string') return refuseToken('username in token must be a string')
    if (username === '') return refuseToken('token must contain a username')
    return { username, expiresAt: exp * 1000 }
  }
}

type Claims = Readonly<Record<string, unknown>>

const isRefusal = (value: Claims | AuthError): value is AuthError => value instanceof Error

/** The last check that fails names the reason, as in InfluxDB. Fractions of a second are cut off there; not of `exp`. */
function timeRefusal({ exp, iat, nbf }: Claims, now: number): string | undefined {
  let refusal: string | undefined
  if (typeof exp === 'number' && exp !== 0 && now >= exp) refusal = 'Token is expired'
  if (typeof iat === 'number' && iat !== 0 && now < Math.trunc(iat)) {
    refusal = 'Token used before issued'
  }
  if (typeof nbf === 'number' && nbf !== 0 && now < Math.trunc(nbf)) {
    refusal = 'Token is not valid yet'
  }
  return refusal
}

/** A segment that holds a JSON object; `null` is one without members. */
function readObject(segment: string): Claims | AuthError {
  const bytes = decode(segment)
  if (typeof bytes === 'string') return refuseToken(bytes)
  const text = bytes.toString()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const [first = ''] = text.trimStart()
    const what =
      first === ''
        ? 'unexpected end of JSON input'
        : `invalid character '${first}' looking for beginning of value`
    return refuseToken(what)
  }
  if (value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Claims
  const type = Array.isArray(value) ? 'array' : TYPES[typeof value]
  return refuseToken(`json: cannot unmarshal ${type} into Go value of type jwt.MapClaims`)
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
}

const NOT_BASE64URL = /[^\w-]/

/** Base64url (RFC 4648 §5), with or without padding at the end; or what is wrong with it. */
function decode(segment: string): Buffer | string {
  const bare = segment.replace(/={1,2}$/, '')
  const at = bare.search(NOT_BASE64URL)
  const isPadded = bare.length !== segment.length
  if (at >= 0) return `illegal base64 data at input byte ${at}`
  if (bare.length % 4 === 1 || (isPadded && segment.length % 4 !== 0)) {
    return `illegal base64 data at input byte ${segment.length}`
  }
  return Buffer.from(bare, 'base64url')
}
