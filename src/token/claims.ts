import { compactVerify } from 'jose/jws/compact/verify'
import { AuthError, type AuthErrorOptions } from '../errors.js'

/** The claims of a token whose signature and times are good (RFC 7519 §4.1). `exp` may be missing. */
export interface Claims {
  /** Seconds since the epoch. */
  readonly exp: number | undefined
  /** Whatever the token says; not checked. */
  readonly username: unknown
}

/** Base64url without padding (RFC 7515 §2): decoders are more lenient than that. */
const COMPACT = /^[\w-]+\.[\w-]*\.[\w-]+$/

/** Whether a token has the compact form of a signed one (RFC 7515 §7.1), strictly. */
export const isCompact = (token: string): boolean => COMPACT.test(token) && isCanonical(token)

/** Whether each part is spelt as an encoder spells it: the last character may hold bits that decoders ignore. */
function isCanonical(token: string): boolean {
  return token
    .split('.')
    .every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}

/** The last second of the year 9999. What is later was given in milliseconds, and would be valid for 50,000 years. */
export const LATEST = 253_402_300_799

/**
 * Checks a token's signature with `key` by one of `algorithms` (never by what the token chooses beyond them), and
 * the times that it has: no leeway.
 *
 * @param now seconds since the epoch
 * @returns the refusal (`ERR_TOKEN_INVALID`) for any other token
 */
export async function verifyClaims(
  token: string,
  key: Uint8Array,
  algorithms: string[],
  now: number,
): Promise<Claims | AuthError> {
  if (!isCompact(token)) return invalidToken('malformed')
  let claims: unknown
  try {
    const { payload } = await compactVerify(token, key, { algorithms })
    claims = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch {
    return invalidToken('signature, algorithm or claims are not valid')
  }
  if (claims !== null && (typeof claims !== 'object' || Array.isArray(claims))) {
    return invalidToken('claims are not an object')
  }
  const { exp, nbf, iat, username } = (claims ?? {}) as Record<string, unknown>
  if (!isTime(exp) || !isTime(nbf) || !isTime(iat)) {
    return invalidToken('exp, nbf and iat must be seconds since the epoch, not milliseconds')
  }
  if (exp && exp <= now) return invalidToken('token is expired')
  if (nbf !== undefined && nbf > now) return invalidToken('token is not valid yet')
  if (iat !== undefined && iat > now) return invalidToken('token used before issued')
  return { exp: exp || undefined, username }
}

const isTime = (value: unknown): value is number | undefined =>
  value === undefined || (typeof value === 'number' && Math.abs(value) <= LATEST)

/** 401 in Kapacitor's words. */
export const invalidToken = (reason: string, options?: AuthErrorOptions) =>
  refuseToken(`invalid token: ${reason}`, options)

export const refuseToken = (message: string, options?: AuthErrorOptions) =>
  new AuthError('ERR_TOKEN_INVALID', message, options)

/** The key of a shared secret. @throws TypeError if it has fewer than 16 bytes */
export function secretKey(secret: string): Uint8Array {
  const key = Buffer.from(secret)
  if (key.length < 16) throw new TypeError('secret must have at least 16 bytes')
  return key
}
