import { type JsonObject, member } from '../../../text/json-object.js'
import { shown } from '../../../text/printable.js'
import type { ProviderSettings } from '../provider-settings.js'
import { refusal, type TokenRefusal } from '../token-refusal.js'
import { GRAPH_AUDIENCES } from './graph-audiences.js'

/** Who asked for a token: OpenID Connect Core §2, Entra's version 1, RFC 9068 §2.2. The first that is there counts. */
const PARTIES = ['azp', 'appid', 'client_id']

/**
 * Whether a token was made for us: `aud` has one of our client ids or audiences; or, where no audiences are set, one of our
 * clients asked for it. With audiences that is not enough: any server that our client calls could use its token here. Undefined
 * is yes. A token for several that another application asked for is not ours (RFC 9700 §2.3).
 */
export function checkAudience(
  claims: JsonObject,
  { clientIds, audiences }: ProviderSettings,
): TokenRefusal | undefined {
  const isAny = clientIds.length === 0 && audiences.length === 0
  const aud = member(claims, 'aud')
  if (aud === undefined && isAny) return undefined
  const list = audienceOf(aud)
  if (list === undefined) {
    const what = aud === undefined ? 'it has no audience (aud)' : 'its aud is not text'
    return refusal('audience', `${what}; add an audience at the provider`)
  }
  const party = PARTIES.find((name) => Object.hasOwn(claims, name))
  const client = party === undefined ? undefined : member(claims, party)
  if (party !== undefined && typeof client !== 'string') {
    return refusal('audience', `its ${party} is not text`)
  }
  if (isAny) return undefined
  const isOurClient = clientIds.includes(client as string)
  const isForUs = list.some((one) => clientIds.includes(one) || audiences.includes(one))
  const isShared = list.length > 1 && clientIds.length > 0 && client !== undefined && !isOurClient
  if (isForUs && !isShared) return undefined
  if (isOurClient && audiences.length === 0) return undefined
  const came = `its audience is ${shown(list)}${client === undefined ? '' : `, asked for by ${shown(client)}`}`
  const hint = list.some((one) => GRAPH_AUDIENCES.includes(one))
    ? ': it is for Microsoft Graph; request a scope of your own application'
    : ''
  return refusal('audience', `${came}${hint}; accepted: ${expected(clientIds, audiences)}`)
}

/** Text or texts, none of them empty. */
function audienceOf(aud: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  const isGood = list.length > 0 && list.every((one) => typeof one === 'string' && one !== '')
  return isGood ? (list as readonly string[]) : undefined
}

function expected(clientIds: readonly string[], audiences: readonly string[]): string {
  const parts = [
    clientIds.length > 0 && `client-id ${shown(clientIds)}`,
    audiences.length > 0 && `audience ${shown(audiences)}`,
  ]
  return parts.filter(Boolean).join(' or ')
}
