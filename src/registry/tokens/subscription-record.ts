import { AuthError } from '../../errors.js'
import { isTokenDigest, isTokenId } from '../../token/token-id.js'
import type { Snapshot, Value, Writer } from '../store/store.js'
import type { Key } from '../store/store-key.js'
import { readUse, removeUse, writeUse } from './token-use.js'

/**
 * The token of a subscription, with which InfluxDB posts what is written to one database and retention policy, and
 * which is good for nothing else. What is presented is kept nowhere: only its SHA-256. All times are in milliseconds since
 * 1970.
 */
export interface SubscriptionRecord {
  readonly kind: 'subscription'
  readonly id: string
  /** The SHA-256 of the token, in lower-case hex. */
  readonly digest: string
  readonly database: string
  /** The retention policy. */
  readonly policy: string
  /** What InfluxDB calls the subscription. */
  readonly name: string
  /** Which gateway made it; undefined if somebody did by hand. */
  readonly gateway: string | undefined
  readonly createdAt: number
  readonly revokedAt: number | undefined
  /** To the hour; undefined if it was not used yet. */
  readonly lastUsedAt: number | undefined
}

/** `['subscription', digest]`. */
export const SUBSCRIPTIONS: Key = ['subscription']

/** `['subscription-id', id]` → digest: all of them, in the order of their creation. */
const IDS: Key = ['subscription-id']

/** As the store keeps it. Fields that this version does not know are for later ones. */
interface StoredSubscription {
  readonly id: string
  readonly database: string
  readonly policy: string
  readonly name: string
  readonly gateway?: string
  readonly created: number
  readonly revoked?: number
}

/** The token of that digest, whether it is revoked or not. */
export async function readSubscription(
  snapshot: Snapshot,
  digest: string,
): Promise<SubscriptionRecord | undefined> {
  if (!isTokenDigest(digest)) return undefined
  const value = await snapshot.get([...SUBSCRIPTIONS, digest])
  if (value === undefined) return undefined
  return recordIn(digest, value, await readUse(snapshot, digest))
}

export async function readSubscriptionById(
  snapshot: Snapshot,
  id: string,
): Promise<SubscriptionRecord | undefined> {
  if (!isTokenId(id)) return undefined
  const digest = (await snapshot.get([...IDS, id])) as string | undefined
  return digest === undefined ? undefined : readSubscription(snapshot, digest)
}

/** How many there are: by the index alone, as `countTokens` does. */
export async function countSubscriptions(snapshot: Snapshot): Promise<number> {
  let count = 0
  for await (const _ of snapshot.range(IDS)) count++
  return count
}

/** All of them, in the order of their creation. */
export async function* readSubscriptions(snapshot: Snapshot): AsyncGenerator<SubscriptionRecord> {
  for await (const { value } of snapshot.range(IDS)) {
    const record = await readSubscription(snapshot, value as string)
    if (!record) throw new AuthError('ERR_STORE_UNAVAILABLE', 'the registry is damaged')
    yield record
  }
}

/** Writes one that is new, or has changed. */
export function writeSubscription(draft: Writer, record: SubscriptionRecord): void {
  const { id, digest, database, policy, name, gateway, createdAt, revokedAt, lastUsedAt } = record
  draft.put([...SUBSCRIPTIONS, digest], {
    id,
    database,
    policy,
    name,
    ...(gateway !== undefined && { gateway }),
    created: createdAt,
    ...(revokedAt !== undefined && { revoked: revokedAt }),
  })
  draft.put([...IDS, id], digest)
  if (lastUsedAt !== undefined) writeUse(draft, digest, lastUsedAt)
}

export function removeSubscription(draft: Writer, { id, digest }: SubscriptionRecord): void {
  draft.remove([...SUBSCRIPTIONS, digest])
  draft.remove([...IDS, id])
  removeUse(draft, digest)
}

function recordIn(
  digest: string,
  value: Value,
  lastUsedAt: number | undefined,
): SubscriptionRecord {
  const { id, database, policy, name, gateway, created, revoked } =
    value as unknown as StoredSubscription
  return {
    kind: 'subscription',
    id,
    digest,
    database,
    policy,
    name,
    gateway,
    createdAt: created,
    revokedAt: revoked,
    lastUsedAt,
  }
}
