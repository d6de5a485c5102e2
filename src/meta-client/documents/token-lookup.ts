import type { Permissions } from '../../authz/permission.js'
import type { TokenOwner } from '../../authz/user.js'
import type { RefusedToken } from '../../errors.js'
import type { Milliseconds } from '../../time.js'
import { isRefusalReason, UNKNOWN_TOKEN } from '../../token/refused-token.js'
import { isTokenId } from '../../token/token-id.js'
import {
  errorText,
  type JsonObject,
  objectOf,
  own,
  readObject,
  textOf,
} from '../wire/answer-json.js'
import type { Answer } from '../wire/meta-exchange.js'
import { invalidAnswer, unexpectedStatus } from '../wire/refusal.js'
import { type PermissionReport, readPermissions } from './permissions.js'
import { readOwner } from './token-owner-document.js'

/** An own token that may be used now, as a meta node answers `GET /api/v0/lookup?token=`. Frozen. */
export interface UsableTokenDocument {
  readonly id: string
  readonly owner: TokenOwner
  /** What it grants and its owner, if that is a user, holds. */
  readonly permissions: Permissions
  /** How long until it expires; undefined if it does not. */
  readonly lifetime: Milliseconds | undefined
}

/** The token of a subscription that may be used now, as a meta node answers `GET /api/v0/lookup?subscription=`. Frozen. */
export interface UsableSubscriptionDocument {
  readonly id: string
  readonly database: string
  readonly policy: string
}

/** @returns why it may not be used, if not; undefined if the node does not say that */
export function readTokenLookup(
  answer: Answer,
  report: PermissionReport,
): UsableTokenDocument | RefusedToken | undefined {
  if (isNoSuchToken(answer)) return readRefusal(answer)
  const token = readFound(answer, 'token')
  const lifetime = own(token, 'expiresIn')
  if (lifetime !== undefined && !(typeof lifetime === 'number' && lifetime > 0)) {
    throw invalidAnswer('expiresIn is not a number above 0')
  }
  return Object.freeze({
    id: textOf(own(token, 'id'), 'id'),
    owner: readOwner(own(token, 'owner')),
    permissions: readPermissions(own(token, 'permissions'), report),
    lifetime,
  })
}

/** @returns as `readTokenLookup` */
export function readSubscriptionLookup(
  answer: Answer,
): UsableSubscriptionDocument | RefusedToken | undefined {
  if (isNoSuchToken(answer)) return readRefusal(answer)
  const found = readFound(answer, 'subscription')
  const [id, database, policy] = ['id', 'database', 'policy'].map((field) =>
    textOf(own(found, field), field),
  ) as [string, string, string]
  if (database === '') throw invalidAnswer('a subscription without a database')
  return Object.freeze({ id, database, policy })
}

/** What was found: `{"token":{…}}`. */
function readFound(answer: Answer, field: string): JsonObject {
  if (answer.status !== 200) throw unexpectedStatus(answer.status)
  return objectOf(own(readObject(answer), field), field)
}

/**
 * Why there is nothing, as `{"error":"token not found","id":"…","reason":"revoked"}` says it. Nodes of earlier versions say
 * no reason. It is for logs, so that words that are not known count for nothing, and an id is a UUID.
 */
function readRefusal(answer: Answer): RefusedToken | undefined {
  const object = readObject(answer)
  const [id, reason] = [own(object, 'id'), own(object, 'reason')]
  if (!isRefusalReason(reason)) return undefined
  if (reason === 'unknown') return UNKNOWN_TOKEN
  return Object.freeze(typeof id === 'string' && isTokenId(id) ? { id, reason } : { reason })
}

/** Whether it is of somebody who does not know such a look-up: meta nodes without tokens, and proxies, answer 404, too. */
export function isForeign(answer: Answer): boolean {
  return answer.status === 404 && !isNoSuchToken(answer)
}

function isNoSuchToken(answer: Answer): boolean {
  if (answer.status !== 404) return false
  try {
    return errorText(readObject(answer)) === 'token not found'
  } catch {
    return false // InfluxDB Enterprise's is a page of text
  }
}
