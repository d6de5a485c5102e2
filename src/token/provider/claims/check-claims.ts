import type { JsonObject } from '../../../text/json-object.js'
import type { Milliseconds } from '../../../time.js'
import type { KnownIssuer } from '../key-set/known-issuers.js'
import type { ProviderSettings } from '../provider-settings.js'
import { isRefusal, type TokenRefusal } from '../token-refusal.js'
import { checkAudience } from './token-audience.js'
import { checkIssuer } from './token-issuer.js'
import { checkKind } from './token-kind.js'
import { checkSubject } from './token-subject.js'
import { checkTimes } from './token-times.js'

/** What a token claims, once every rule has been kept. Its signature is another matter. */
export interface CheckedClaims {
  readonly subject: string
  readonly issuer: string
  readonly tenant: string | undefined
  readonly expiresAt: Milliseconds
}

/** Times, issuer, audience, kind and subject, in that order; the first rule that is broken names the reason. */
export function checkClaims(
  claims: JsonObject,
  settings: ProviderSettings,
  issuers: readonly KnownIssuer[],
  now: Milliseconds,
): CheckedClaims | TokenRefusal {
  const times = checkTimes(claims, settings, now)
  if (isRefusal(times)) return times
  const known = checkIssuer(claims, issuers)
  if (isRefusal(known)) return known
  const wrongUse = checkAudience(claims, settings) ?? checkKind(claims)
  if (wrongUse) return wrongUse
  const who = checkSubject(claims, settings)
  if (isRefusal(who)) return who
  return { ...who, ...known, ...times }
}
