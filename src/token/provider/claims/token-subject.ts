import type { JsonObject } from '../../../text/json-object.js'
import type { ProviderSettings } from '../provider-settings.js'
import { refusal, type TokenRefusal } from '../token-refusal.js'
import { claimAt } from './claim-at.js'

/** The longest subject, in characters (OpenID Connect Core §2). */
const LONGEST = 255

/** Whom a token is about, in text as it stands: nothing is folded, trimmed or normalized. */
export function checkSubject(
  claims: JsonObject,
  { subjectClaim, isAzure }: ProviderSettings,
): { subject: string } | TokenRefusal {
  const subject = claimAt(claims, subjectClaim)
  if (subject === undefined) {
    const scope = isAzure ? 'request scope profile' : 'in Keycloak, add client scope basic'
    return refusal('subject', `it does not say who it is for (${subjectClaim}); ${scope}`)
  }
  if (typeof subject !== 'string' || subject === '' || !subject.isWellFormed()) {
    return refusal('subject', `its ${subjectClaim} is not text, or empty`)
  }
  if (subject.length > LONGEST) {
    return refusal('subject', `its ${subjectClaim} has more than ${LONGEST} characters`)
  }
  return { subject }
}
