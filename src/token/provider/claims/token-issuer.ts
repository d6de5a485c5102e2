import { type JsonObject, member } from '../../../text/json-object.js'
import { shown } from '../../../text/printable.js'
import type { KnownIssuer } from '../key-set/known-issuers.js'
import { refusal, type TokenRefusal } from '../token-refusal.js'

/** The issuer among those known that the token names, byte for byte (RFC 9207 §2.4); Entra's tenant, too. */
export function checkIssuer(
  claims: JsonObject,
  known: readonly KnownIssuer[],
): KnownIssuer | TokenRefusal {
  const iss = member(claims, 'iss')
  if (typeof iss !== 'string') return refusal('issuer', 'it names no issuer (iss)')
  const found = known.find(({ issuer }) => issuer === iss)
  if (found === undefined) {
    const expected = known.map(({ issuer }) => shown(issuer)).join(' or ')
    return refusal('issuer', `its issuer is ${shown(iss)}, not ${expected}`)
  }
  const tid = member(claims, 'tid')
  if (found.tenant === undefined || tid === found.tenant) return found
  const given = typeof tid === 'string' ? shown(tid) : 'missing (scope profile)'
  return refusal('issuer', `its tenant (tid) is ${given}, not ${shown(found.tenant)}`)
}
