import type { Permissions } from '../../authz/permission.js'
import type { TokenOwner } from '../../authz/user.js'
import { AuthError } from '../../errors.js'
import { isTokenDigest, isTokenId } from '../../token/token-id.js'
import { grantsIn, grantsValue } from '../grants.js'
import type { Snapshot, Value, Writer } from '../store/store.js'
import type { Key } from '../store/store-key.js'
import { ownerIn, ownerKey, ownerValue } from './token-owner.js'
import { readUse, removeUse, writeUse } from './token-use.js'

/**
 * A token of the registry's own. What is presented is kept nowhere: only its SHA-256. All times are in milliseconds
 * since 1970; one that is undefined stands for never, and is kept nowhere.
 */
export interface TokenRecord {
  readonly kind: 'token'
  readonly id: string
  /** The SHA-256 of the whole token, in lower-case hex. */
  readonly digest: string
  readonly description: string
  readonly owner: TokenOwner
  /** Of an owner who is a user: `UserRecord.created`, so that another user of the name does not get the token. */
  readonly ownerCreated?: number | undefined
  /** What it grants at the most: no more than its owner holds. */
  readonly permissions: Permissions
  readonly createdAt: number
  readonly expiresAt: number | undefined
  readonly revokedAt: number | undefined
  /** To the hour; undefined if it was not used yet. */
  readonly lastUsedAt: number | undefined
}

/** `['token', digest]`: what does not change when it is revoked. */
export const TOKENS: Key = ['token']

/** `['token-revoked', digest]`: when. Apart from the rest, so that a deleted user's tokens fit into one change. */
export const REVOKED: Key = ['token-revoked']

/** `['token-id', id]` → digest: all of them, in the order of their creation. */
const IDS: Key = ['token-id']

/** `['token-of', kind, who, id]` → digest. */
const OWNERS: Key = ['token-of']

/** The tokens of all users: `['token-of', 'user', name, id]`. */
export const TOKENS_OF_USERS: Key = [...OWNERS, 'user']

/** As the store keeps it. Fields that this version does not know are for later ones. */
interface StoredToken {
  readonly id: string
  readonly description: string
  readonly owner: Value
  readonly ownerCreated?: number
  readonly permissions?: Value
  readonly created: number
  readonly expires?: number
}

/** The token of that digest, whether it is valid or not. */
export async function readToken(
  snapshot: Snapshot,
  digest: string,
): Promise<TokenRecord | undefined> {
  if (!isTokenDigest(digest)) return undefined
  const value = await snapshot.get([...TOKENS, digest])
  if (value === undefined) return undefined
  const revoked = await snapshot.get([...REVOKED, digest])
  return recordIn(digest, value, revoked, await readUse(snapshot, digest))
}

export async function readTokenById(
  snapshot: Snapshot,
  id: string,
): Promise<TokenRecord | undefined> {
  if (!isTokenId(id)) return undefined
  const digest = (await snapshot.get([...IDS, id])) as string | undefined
  return digest === undefined ? undefined : readToken(snapshot, digest)
}

/** How many tokens an owner has: by the index alone, for a change must not read a thousand records first. */
export async function countTokens(snapshot: Snapshot, owner: TokenOwner): Promise<number> {
  let count = 0
  for await (const _ of snapshot.range([...OWNERS, ...ownerKey(owner)])) count++
  return count
}

/** All tokens, or those of one owner, in the order of their creation. */
export async function* readTokens(
  snapshot: Snapshot,
  owner?: TokenOwner,
): AsyncGenerator<TokenRecord> {
  const prefix = owner ? [...OWNERS, ...ownerKey(owner)] : IDS
  for await (const { value } of snapshot.range(prefix)) {
    const token = await readToken(snapshot, value as string)
    if (!token) throw damaged()
    yield token
  }
}

/** Writes one that is new, or has changed; who owns it never does. */
export function writeToken(draft: Writer, token: TokenRecord): void {
  const { id, digest, description, owner, ownerCreated, permissions, createdAt } = token
  const { expiresAt, revokedAt, lastUsedAt } = token
  draft.put([...TOKENS, digest], {
    id,
    description,
    owner: ownerValue(owner),
    ...(ownerCreated !== undefined && { ownerCreated }),
    permissions: grantsValue(permissions),
    created: createdAt,
    ...(expiresAt !== undefined && { expires: expiresAt }),
  })
  draft.put([...IDS, id], digest)
  draft.put([...OWNERS, ...ownerKey(owner), id], digest)
  if (revokedAt !== undefined) draft.put([...REVOKED, digest], revokedAt)
  if (lastUsedAt !== undefined) writeUse(draft, digest, lastUsedAt)
}

export function removeToken(draft: Writer, { id, digest, owner, revokedAt }: TokenRecord): void {
  draft.remove([...TOKENS, digest])
  draft.remove([...IDS, id])
  draft.remove([...OWNERS, ...ownerKey(owner), id])
  if (revokedAt !== undefined) draft.remove([...REVOKED, digest])
  removeUse(draft, digest)
}

/** Whether it can be used at that time. */
export function isValid({ expiresAt, revokedAt }: TokenRecord, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || expiresAt > now)
}

function recordIn(
  digest: string,
  value: Value,
  revoked: Value | undefined,
  lastUsedAt: number | undefined,
): TokenRecord {
  const { id, description, owner, ownerCreated, permissions, created, expires } =
    value as unknown as StoredToken
  const known = ownerIn(owner)
  if (!known || typeof id !== 'string') throw damaged()
  return {
    kind: 'token',
    id,
    digest,
    description,
    owner: known,
    ownerCreated,
    permissions: grantsIn(permissions),
    createdAt: created,
    expiresAt: expires,
    revokedAt: revoked as number | undefined,
    lastUsedAt,
  }
}

function damaged(): AuthError {
  return new AuthError('ERR_STORE_UNAVAILABLE', 'the registry is damaged')
}
