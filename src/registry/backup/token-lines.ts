import type { Permissions } from '../../authz/permission.js'
import { type JsonObject, member } from '../../text/json-object.js'
import { isTokenDigest, isTokenId } from '../../token/token-id.js'
import { keptGrants } from '../grants.js'
import type { SubscriptionRecord } from '../tokens/subscription-record.js'
import { descriptionFault, isTime } from '../tokens/token-limits.js'
import { ownerIn } from '../tokens/token-owner.js'
import type { TokenRecord } from '../tokens/token-record.js'
import { LineMistake, readName } from './backup-line.js'

/** An own token as a backup has it. */
export function tokenLine(token: TokenRecord): object {
  const { id, digest, description, owner, ownerCreated, permissions } = token
  const kept = { digest, description, owner, ownerCreated, permissions: keptGrants(permissions) }
  return { token: id, ...kept, ...timesOf(token), expires: token.expiresAt }
}

/** The token of a subscription as a backup has it. */
export function subscriptionLine(record: SubscriptionRecord): object {
  const { id, digest, database, policy, name, gateway } = record
  return { subscription: id, digest, database, policy, name, gateway, ...timesOf(record) }
}

type Times = Pick<TokenRecord, 'createdAt' | 'revokedAt' | 'lastUsedAt'>

function timesOf({ createdAt, revokedAt, lastUsedAt }: Times) {
  return { created: createdAt, revoked: revokedAt, used: lastUsedAt }
}

/** @returns undefined if the line is not a token of either kind @throws LineMistake */
export function parseTokenRecord(
  line: JsonObject,
  permissions: Permissions,
): TokenRecord | SubscriptionRecord | undefined {
  if (member(line, 'token') !== undefined) return parseToken(line, permissions)
  return member(line, 'subscription') === undefined ? undefined : parseSubscription(line)
}

function parseToken(line: JsonObject, permissions: Permissions): TokenRecord {
  const description = member(line, 'description')
  if (typeof description !== 'string') throw new LineMistake('"description" is not a text')
  const fault = descriptionFault(description)
  if (fault) throw new LineMistake(`"description" ${fault}`)
  const owner = ownerIn(member(line, 'owner'))
  if (!owner) throw new LineMistake('"owner" is not one')
  const ownerCreated = member(line, 'ownerCreated')
  if (ownerCreated !== undefined && !Number.isSafeInteger(ownerCreated)) {
    throw new LineMistake('"ownerCreated" is not a number')
  }
  return {
    kind: 'token',
    ...readHead(line, 'token'),
    description,
    owner,
    ownerCreated: ownerCreated as number | undefined,
    permissions,
    ...readTimes(line),
    expiresAt: readTime(line, 'expires'),
  }
}

function parseSubscription(line: JsonObject): SubscriptionRecord {
  const gateway = member(line, 'gateway')
  return {
    kind: 'subscription',
    ...readHead(line, 'subscription'),
    database: readName(line, 'database'),
    policy: readName(line, 'policy'),
    name: readName(line, 'name'),
    gateway: gateway === undefined ? undefined : readName(line, 'gateway'),
    ...readTimes(line),
  }
}

function readHead(line: JsonObject, field: string): { id: string; digest: string } {
  const [id, digest] = [member(line, field), member(line, 'digest')]
  if (typeof id !== 'string' || !isTokenId(id)) throw new LineMistake(`"${field}" is not an id`)
  if (typeof digest === 'string' && isTokenDigest(digest)) return { id, digest }
  throw new LineMistake('"digest" is not a SHA-256')
}

function readTimes(line: JsonObject): Times {
  const createdAt = readTime(line, 'created')
  if (createdAt === undefined) throw new LineMistake('"created" is not a time')
  return { createdAt, revokedAt: readTime(line, 'revoked'), lastUsedAt: readTime(line, 'used') }
}

function readTime(line: JsonObject, field: string): number | undefined {
  const value = member(line, field)
  if (value === undefined || isTime(value)) return value
  throw new LineMistake(`"${field}" is not a time`)
}
