import type { Permissions } from '../../authz/permission.js'
import { permissionsWithin } from '../../authz/permissions-within.js'
import type { TokenOwner } from '../../authz/user.js'
import type { Milliseconds } from '../../time.js'
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

/** The token of that digest, as it may be used now; undefined if there is none, or it is revoked or expired. */
export async function grantedByToken(
  state: RegistryState,
  digest: string,
  now: number,
): Promise<UsableToken | undefined> {
  const token = await state.tokenOf(digest)
  if (!token || !isValid(token, now)) return undefined
  const { id, owner, expiresAt, lastUsedAt } = token
  const lifetime = expiresAt === undefined ? undefined : expiresAt - now
  const usable = { id, digest, owner, permissions: token.permissions, lifetime, lastUsedAt }
  if (owner.kind !== 'user') return usable
  const account = await state.account(owner.name)
  if (!account || account.created !== token.ownerCreated) return undefined
  return { ...usable, permissions: permissionsWithin(token.permissions, account.permissions) }
}
