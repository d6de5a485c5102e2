import type { Permissions } from '../../authz/permission.js'
import type { TokenOwner } from '../../authz/user.js'
import { AuthError } from '../../errors.js'
import { isTokenDigest } from '../../token/token-id.js'
import { isSameGrants } from '../grants.js'
import { heldPermissions } from '../held-permissions.js'
import { allMissing } from '../missing-permissions.js'
import type { Draft } from '../store/store.js'
import { readUser } from '../user-record.js'
import { MOST_TOKENS, requireTokenFields } from './token-limits.js'
import { ownerText } from './token-owner.js'
import {
  countTokens,
  isValid,
  REVOKED,
  readToken,
  readTokenById,
  readTokens,
  removeToken,
  type TokenRecord,
  writeToken,
} from './token-record.js'

/** What is said about a token that is to be made. */
export interface NewToken {
  /** The SHA-256 of the whole token, in lower-case hex. */
  readonly digest: string
  readonly description: string
  readonly owner: TokenOwner
  readonly permissions: Permissions
  /** In milliseconds since 1970. @default never */
  readonly expiresAt?: number | undefined
}

/** A record before a change and after it, both of the one state that it was made for. */
export interface Changed<T> {
  readonly before: T
  readonly after: T
}

/** What is to become of a token; what is left out stays. */
export interface TokenUpdate {
  readonly description?: string | undefined
  readonly permissions?: Permissions | undefined
  /** Null for never. */
  readonly expiresAt?: number | null | undefined
}

/**
 * Makes a token. Where its owner has as many as are allowed, the oldest that is revoked or expired goes.
 *
 * @param id that no token has
 * @throws AuthError `ERR_PRIVILEGE_MISSING` if its owner, a user, does not hold what it is to grant; `ERR_CONFLICT` if
 *   the owner has too many that are valid
 */
export async function createToken(
  draft: Draft,
  wanted: NewToken,
  id: string,
  now: number,
): Promise<TokenRecord> {
  const { digest, description, owner, permissions, expiresAt } = wanted
  if (!isTokenDigest(digest)) throw new TypeError('that is not a digest')
  requireTokenFields(description, permissions, expiresAt)
  requireLater(expiresAt, now)
  const ownerCreated = await requireHeld(draft, owner, permissions)
  if (await readToken(draft, digest)) throw new AuthError('ERR_CONFLICT', 'token already exists')
  await makeRoom(draft, owner, now)
  const token: TokenRecord = {
    kind: 'token',
    id,
    digest,
    description,
    owner,
    ownerCreated,
    permissions,
    createdAt: now,
    expiresAt,
    revokedAt: undefined,
    lastUsedAt: undefined,
  }
  writeToken(draft, token)
  return token
}

/** @throws AuthError as `createToken`, and `ERR_CONFLICT` for one that is revoked */
export async function updateToken(
  draft: Draft,
  id: string,
  update: TokenUpdate,
  now: number,
): Promise<Changed<TokenRecord>> {
  const before = await requireToken(draft, id)
  if (before.revokedAt !== undefined) {
    throw new AuthError('ERR_CONFLICT', 'the token is revoked: make a new one')
  }
  const after: TokenRecord = {
    ...before,
    description: update.description ?? before.description,
    permissions: update.permissions ?? before.permissions,
    expiresAt: update.expiresAt === undefined ? before.expiresAt : (update.expiresAt ?? undefined),
  }
  requireTokenFields(after.description, after.permissions, after.expiresAt)
  if (after.expiresAt !== before.expiresAt) requireLater(after.expiresAt, now)
  // What it was granted when the owner held more may stay: it is not used
  if (update.permissions && !isSameGrants(before.permissions, after.permissions)) {
    await requireHeld(draft, after.owner, after.permissions)
  }
  if (!isSameToken(before, after)) writeToken(draft, after)
  return { before, after }
}

/** One that is revoked already stays as it is. */
export async function revokeToken(
  draft: Draft,
  id: string,
  now: number,
): Promise<Changed<TokenRecord>> {
  const before = await requireToken(draft, id)
  if (before.revokedAt !== undefined) return { before, after: before }
  draft.put([...REVOKED, before.digest], now)
  return { before, after: { ...before, revokedAt: now } }
}

/** Revokes all tokens of a user, who is being deleted. */
export async function revokeTokensOf(draft: Draft, user: string, now: number): Promise<void> {
  for await (const { digest, revokedAt } of readTokens(draft, { kind: 'user', name: user })) {
    if (revokedAt === undefined) draft.put([...REVOKED, digest], now)
  }
}

async function requireToken(draft: Draft, id: string): Promise<TokenRecord> {
  const token = await readTokenById(draft, id)
  if (!token) throw new AuthError('ERR_NOT_FOUND', 'token not found')
  return token
}

function requireLater(expiresAt: number | undefined, now: number): void {
  if (expiresAt === undefined || expiresAt > now) return
  throw new AuthError('ERR_REQUEST_INVALID', '"expiresAt" is in the past')
}

/** What others hold is known to those who ask in their name. @returns of a user: when they were created */
async function requireHeld(
  draft: Draft,
  owner: TokenOwner,
  permissions: Permissions,
): Promise<number | undefined> {
  if (owner.kind !== 'user') return undefined
  const user = await readUser(draft, owner.name)
  if (!user) throw new AuthError('ERR_NOT_FOUND', 'user not found')
  const held = await heldPermissions(draft, { name: owner.name, ...user })
  const missing = allMissing(held, permissions)
  if (!missing) return user.created
  const message = `${ownerText(owner)} does not hold what the token is to grant: ${missing}`
  throw new AuthError('ERR_PRIVILEGE_MISSING', message)
}

async function makeRoom(draft: Draft, owner: TokenOwner, now: number): Promise<void> {
  const count = await countTokens(draft, owner)
  if (count < MOST_TOKENS) return
  for await (const token of readTokens(draft, owner)) {
    if (!isValid(token, now)) return removeToken(draft, token)
  }
  const message = `${ownerText(owner)} has ${count} tokens already, which is the limit: revoke one`
  throw new AuthError('ERR_CONFLICT', message)
}

function isSameToken(a: TokenRecord, b: TokenRecord): boolean {
  return (
    a.description === b.description &&
    a.expiresAt === b.expiresAt &&
    isSameGrants(a.permissions, b.permissions)
  )
}
