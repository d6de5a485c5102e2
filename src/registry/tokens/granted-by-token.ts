import type { Permissions } from '../../authz/permission.js'
import { permissionsWithin } from '../../authz/permissions-within.js'
import type { TokenOwner } from '../../authz/user.js'
import type { RefusedToken } from '../../errors.js'
import type { Milliseconds } from '../../time.js'
import { UNKNOWN_TOKEN } from '../../token/refused-token.js'
import type { RegistryState } from '../registry-state.js'
import { isValid } from './token-record.js'

/** A token as it may be used now. */
export interface UsableToken {
  readonly id: string
  readonly digest: string
  readonly owner: TokenOwner
  /** What it grants and its owner, if that is a user, holds. */
  readonly permissions: Permissions
  /** How long until it expires. */
  readonly lifetime: Milliseconds | undefined
  /** To the hour; undefined if it was not used yet. */
  readonly lastUsedAt: number | undefined
}

/** The token of that digest, as it may be used now; or why it may not. */
export async function grantedByToken(
  state: RegistryState,
  digest: string,
  now: number,
): Promise<UsableToken | RefusedToken> {
  const token = await state.tokenOf(digest)
  if (!token) return UNKNOWN_TOKEN
  const { id, owner, expiresAt, lastUsedAt } = token
  if (token.revokedAt !== undefined) return { id, reason: 'revoked' }
  if (!isValid(token, now)) return { id, reason: 'expired' }
  const lifetime = expiresAt === undefined ? undefined : expiresAt - now
  const usable = { id, digest, owner, permissions: token.permissions, lifetime, lastUsedAt }
  if (owner.kind !== 'user') return usable
  const account = await state.account(owner.name)
  if (!account || account.created !== token.ownerCreated) return { id, reason: 'owner gone' }
  return { ...usable, permissions: permissionsWithin(token.permissions, account.permissions) }
}
