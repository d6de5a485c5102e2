import { AuthError } from '../../errors.js'
import { isTokenDigest } from '../../token/token-id.js'
import { nameFault } from '../name.js'
import type { Draft } from '../store/store.js'
import {
  countSubscriptions,
  readSubscription,
  readSubscriptionById,
  readSubscriptions,
  removeSubscription,
  type SubscriptionRecord,
  writeSubscription,
} from './subscription-record.js'
import type { Changed } from './token-changes.js'
import { MOST_SUBSCRIPTIONS } from './token-limits.js'

/** What is said about a subscription's token that is to be made. */
export interface NewSubscriptionToken {
  /** The SHA-256 of the token, in lower-case hex. */
  readonly digest: string
  readonly database: string
  /** The retention policy. */
  readonly policy: string
  /** What InfluxDB calls the subscription. */
  readonly name: string
  /** Which gateway makes it. @default nobody's: it was made by hand */
  readonly gateway?: string | undefined
}

/**
 * Makes the token of a subscription. Where there are as many as are allowed, the oldest that is revoked goes.
 *
 * @param id that no token has
 * @throws AuthError `ERR_CONFLICT` if there are too many
 */
export async function createSubscriptionToken(
  draft: Draft,
  { digest, database, policy, name, gateway }: NewSubscriptionToken,
  id: string,
  now: number,
): Promise<SubscriptionRecord> {
  if (!isTokenDigest(digest)) throw new TypeError('that is not a digest')
  requireNames({ database, policy, name, ...(gateway !== undefined && { gateway }) })
  if (await readSubscription(draft, digest)) {
    throw new AuthError('ERR_CONFLICT', 'token already exists')
  }
  await makeRoom(draft)
  const record: SubscriptionRecord = {
    kind: 'subscription',
    id,
    digest,
    database,
    policy,
    name,
    gateway,
    createdAt: now,
    revokedAt: undefined,
    lastUsedAt: undefined,
  }
  writeSubscription(draft, record)
  return record
}

/** One that is revoked already stays as it is. */
export async function revokeSubscriptionToken(
  draft: Draft,
  id: string,
  now: number,
): Promise<Changed<SubscriptionRecord>> {
  const before = await readSubscriptionById(draft, id)
  if (!before) throw new AuthError('ERR_NOT_FOUND', 'subscription token not found')
  if (before.revokedAt !== undefined) return { before, after: before }
  const after = { ...before, revokedAt: now }
  writeSubscription(draft, after)
  return { before, after }
}

/** @throws AuthError `ERR_REQUEST_INVALID` */
function requireNames(names: Readonly<Record<string, string>>): void {
  for (const [field, name] of Object.entries(names)) {
    const fault = nameFault(name)
    if (fault) throw new AuthError('ERR_REQUEST_INVALID', `"${field}" ${fault}`)
  }
}

async function makeRoom(draft: Draft): Promise<void> {
  const count = await countSubscriptions(draft)
  if (count < MOST_SUBSCRIPTIONS) return
  for await (const record of readSubscriptions(draft)) {
    if (record.revokedAt !== undefined) return removeSubscription(draft, record)
  }
  const message = `there are ${count} subscription tokens already, which is the limit: revoke one`
  throw new AuthError('ERR_CONFLICT', message)
}
