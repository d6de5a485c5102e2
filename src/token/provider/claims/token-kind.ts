import { type JsonObject, member } from '../../../text/json-object.js'
import { shown } from '../../../text/printable.js'
import { refusal, type TokenRefusal } from '../token-refusal.js'

/** What Keycloak says of its access and ID tokens; others say nothing. Not: `Refresh`, `Offline`, `Logout`. */
const TYPES = ['Bearer', 'ID']

/**
 * Refuses what is not a bearer token: those that are bound to a key of the caller's (RFC 7800, RFC 8705, RFC 9449), logout
 * tokens (OpenID Connect Back-Channel Logout), refresh tokens. Undefined is good.
 */
export function checkKind(claims: JsonObject): TokenRefusal | undefined {
  if (Object.hasOwn(claims, 'cnf')) {
    return refusal('bound', 'it is bound to a key (cnf), which is not supported')
  }
  if (Object.hasOwn(claims, 'events')) return refusal('type', 'it tells of events (events)')
  if (!Object.hasOwn(claims, 'typ')) return undefined
  const typ = member(claims, 'typ')
  if (TYPES.includes(typ as string)) return undefined
  return refusal('type', `its kind (typ) is ${shown(typ ?? '')}, not "Bearer" or "ID"`)
}
