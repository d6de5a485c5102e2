import { type JsonObject, member } from '../../../text/json-object.js'
import { LATEST } from '../../claims.js'
import type { ProviderSettings } from '../provider-settings.js'
import { refusal, type TokenRefusal } from '../token-refusal.js'

/**
 * When a token ends: `exp`, `iat` and `nbf` (RFC 7519 §4.1), `max-age`, with leeway for the provider's clock.
 *
 * @param now milliseconds since the epoch
 * @returns from when on it is refused, in milliseconds since the epoch
 */
export function checkTimes(
  claims: JsonObject,
  { clockSkew, maxAge }: ProviderSettings,
  now: number,
): { expiresAt: number } | TokenRefusal {
  const exp = member(claims, 'exp')
  const iat = member(claims, 'iat')
  const nbf = member(claims, 'nbf')
  if (exp === undefined) return refusal('times', 'it never expires (exp is missing)')
  if (iat === undefined) return refusal('times', 'it does not say when it was issued (iat)')
  if (!isTime(exp) || !isTime(iat) || !(nbf === undefined || isTime(nbf))) {
    return refusal('times', 'exp, iat and nbf must be seconds since the epoch')
  }
  const ends = exp * 1000 + clockSkew
  if (ends <= now) return refusal('expired', `it expired at ${date(exp)}`)
  if (iat * 1000 - clockSkew > now) {
    return refusal('times', `it was issued in the future, at ${date(iat)}; compare the clocks`)
  }
  if (nbf !== undefined && nbf * 1000 - clockSkew > now) {
    return refusal('times', `it is not valid before ${date(nbf)}`)
  }
  if (maxAge === 0) return { expiresAt: ends }
  const tooOld = iat * 1000 + maxAge + clockSkew
  if (tooOld <= now) {
    return refusal('expired', `it was issued at ${date(iat)}, longer ago than max-age allows`)
  }
  return { expiresAt: Math.min(ends, tooOld) }
}

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= LATEST

const date = (seconds: number) => new Date(seconds * 1000).toISOString()
