import { type JsonObject, member } from '../../text/json-object.js'
import { shown } from '../../text/printable.js'
import { isCompact } from '../claims.js'
import { readPart } from '../token-part.js'
import { LONGEST_KID } from './key-set/public-keys.js'
import type { ProviderSettings } from './provider-settings.js'
import { refusal, type TokenRefusal } from './token-refusal.js'

/** A token with 200 groups of Entra has 12 kB. */
const MAX_LENGTH = 16_384

/** Types of tokens that are for resource servers (RFC 9068 §2.1), and of ID tokens; a media type may be written in full. */
const TYPE = /^(?:application\/)?(?:at\+)?jwt$/i

/** A token that looks right; nothing in it is to be believed yet. */
export interface ParsedToken {
  readonly form: 'jwt'
  readonly alg: string
  readonly kid: string | undefined
  readonly claims: JsonObject
}

/** The parts of a token in compact form (RFC 7515 §7.1). Of the header only `alg`, `kid`, `typ` and `crit` are read. */
export function parseToken(token: string, settings: ProviderSettings): ParsedToken | TokenRefusal {
  if (token.length > MAX_LENGTH) {
    return refusal('malformed', `it has more than ${MAX_LENGTH} characters`)
  }
  if (!isCompact(token)) return refusal('malformed', formMistake(token))
  const [head, body] = token.split('.') as [string, string]
  const header = readPart(head)
  if (header === undefined) return refusal('malformed', 'its header is not a JSON object')
  const claims = readPart(body)
  if (claims === undefined) return refusal('malformed', 'its claims are not a JSON object')
  const kid = member(header, 'kid')
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > LONGEST_KID)) {
    return refusal('malformed', `its kid is not text of at most ${LONGEST_KID} characters`)
  }
  const typ = member(header, 'typ')
  if (typ !== undefined && (typeof typ !== 'string' || !TYPE.test(typ))) {
    return refusal('type', `type ${shown(typ)} is not that of an access or ID token`)
  }
  const alg = member(header, 'alg')
  if (typeof alg !== 'string' || !settings.algorithms.includes(alg)) {
    const accepted = settings.algorithms.join(', ')
    return refusal('algorithm', `algorithm ${shown(alg ?? '')} is not one of ${accepted}`)
  }
  if (Object.hasOwn(header, 'crit')) {
    return refusal('malformed', 'its header asks for extensions (crit) that are not supported')
  }
  return { form: 'jwt', alg, kid, claims }
}

/** What to set at the provider, where that is the cause. */
function formMistake(token: string): string {
  const advice = 'request an API (audience) at the provider, or send the ID token'
  const parts = token.split('.').length
  if (parts === 5) return `it is encrypted, and only its provider can read it; ${advice}`
  if (parts !== 3) return `it is not a JSON Web Token, and only its provider can read it; ${advice}`
  return 'it is malformed'
}
