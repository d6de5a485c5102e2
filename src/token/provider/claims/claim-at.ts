import { isJsonObject, type JsonObject, member } from '../../../text/json-object.js'

/** The claim whose name it is exactly (Auth0's are URLs), else the one that a JSON pointer (RFC 6901) leads to; not into lists. */
export function claimAt(claims: JsonObject, claim: string): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim]
  if (!claim.startsWith('/')) return undefined
  let at: unknown = claims
  for (const step of claim.slice(1).split('/')) {
    if (!isJsonObject(at)) return undefined
    at = member(at, step.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return at
}
