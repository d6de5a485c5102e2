import { CLUSTER, isAdmin, type Permission, type Permissions } from '../../authz/permission.js'
import type { TokenOwner } from '../../authz/user.js'
import type {
  SubscriptionInfo,
  TokenInfo,
  TokenPermission,
} from '../../meta-client/documents/token-document.js'
import { grantsObject } from '../../registry/grants.js'
import type { UsableToken } from '../../registry/tokens/granted-by-token.js'
import type { SubscriptionRecord } from '../../registry/tokens/subscription-record.js'
import type { TokenRecord } from '../../registry/tokens/token-record.js'
import { ALL_ACTIONS, EVERY_DATABASE, READ_ACTION, WRITE_ACTION } from './actions.js'

/** Whether a subject may still sign in. */
export type IsSubjectListed = (owner: Extract<TokenOwner, { kind: 'subject' }>) => boolean

/** A token as the API writes it. What is never (an expiry, a revocation, a use) is left out. */
export function tokenDocument(
  token: TokenRecord,
  isSubjectListed: IsSubjectListed = () => true,
): TokenInfo {
  const { id, description, owner, permissions, createdAt } = token
  return {
    id,
    description,
    owner,
    permissions: writtenPermissions(permissions),
    createdAt: iso(createdAt),
    ...times(token),
    ...(owner.kind === 'subject' && !isSubjectListed(owner) && { unusable: 'owner not listed' }),
  }
}

/** The token of a subscription as the API writes it. */
export function subscriptionDocument(record: SubscriptionRecord): SubscriptionInfo {
  const { id, database, policy, name, gateway, createdAt } = record
  return {
    id,
    database,
    policy,
    name,
    ...(gateway !== undefined && { gateway }),
    createdAt: iso(createdAt),
    ...times(record),
  }
}

/** A token that may be used, as nodes are told. */
export function lookupDocument({ id, owner, permissions, lifetime }: UsableToken): object {
  return { id, owner, permissions: grantsObject(permissions), expiresIn: lifetime }
}

/** In the order of the databases' names; all permissions on the whole cluster are one. */
export function writtenPermissions(permissions: Permissions): readonly TokenPermission[] {
  if (isAdmin(permissions)) return [{ action: ALL_ACTIONS, resource: CLUSTER }]
  const lists = Object.entries(grantsObject(permissions) ?? {}) as [string, Permission[]][]
  return lists.flatMap(([scope, names]) => names.map((name) => written(name, scope)))
}

function written(name: Permission, scope: string): TokenPermission {
  const action = name === 'ReadData' ? READ_ACTION : name === 'WriteData' ? WRITE_ACTION : name
  const isEvery = scope === CLUSTER && action !== name
  return { action, resource: isEvery ? EVERY_DATABASE : scope }
}

function times({
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
}: {
  readonly createdAt: number
  readonly expiresAt?: number | undefined
  readonly revokedAt: number | undefined
  readonly lastUsedAt?: number | undefined
}) {
  return {
    ...(expiresAt !== undefined && { expiresAt: iso(expiresAt) }),
    ...(revokedAt !== undefined && { revokedAt: iso(revokedAt) }),
    // A use is noted to the hour, which may have begun before the token was made
    ...(lastUsedAt !== undefined && { lastUsedAt: iso(Math.max(lastUsedAt, createdAt)) }),
  }
}

const iso = (time: number) => new Date(time).toISOString()
