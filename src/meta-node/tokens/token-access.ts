import { hasPermission, isAdmin } from '../../authz/permission.js'
import type { TokenOwner } from '../../authz/user.js'
import type { AuthError } from '../../errors.js'
import { isSameOwner } from '../../registry/tokens/token-owner.js'
import type { TokenRecord } from '../../registry/tokens/token-record.js'
import { shown } from '../../text/printable.js'
import { type Caller, changeRefusal, isAuditor, refuse } from '../access.js'

/** What a caller may do with own tokens. */
export interface TokenAccess {
  /** Whose tokens are seen: everybody's, only one owner's, or only the one that the caller has presented. */
  readonly sees: 'all' | TokenOwner | { readonly id: string }

  /** Whose tokens may be changed. */
  readonly changes: 'all' | 'none' | TokenOwner

  /** Whose the tokens are that the caller makes; undefined: they may not make any. */
  readonly makes: TokenOwner | undefined

  /** Why the caller may not make or change what they may not. */
  readonly refusal: AuthError
}

/**
 * Nodes and administrators see and change every token, auditors see them, and users and listed subjects have their own. A
 * token makes and changes others only if it grants all permissions; whatever it grants, it may revoke itself.
 */
export function tokenAccess(caller: Caller): TokenAccess {
  const owner = ownerOf(caller)
  if (caller.kind === 'node')
    return { sees: 'all', changes: 'all', makes: owner, refusal: no(caller) }
  const { user } = caller
  if (isAdmin(caller.permissions)) {
    return { sees: 'all', changes: 'all', makes: owner, refusal: no(caller) }
  }
  if (user?.kind === 'token' || user?.kind === 'subscription') {
    const why = 'does not grant all permissions, so it may not manage tokens'
    const refusal = refuse(caller, why)
    return { sees: { id: user.tokenId ?? '' }, changes: 'none', makes: undefined, refusal }
  }
  if (isAuditor(caller)) {
    return { sees: 'all', changes: 'none', makes: undefined, refusal: no(caller) }
  }
  return { sees: owner, changes: owner, makes: owner, refusal: no(caller) }
}

/** Whether the caller may know of that token. */
export function isSeen({ sees }: TokenAccess, token: TokenRecord): boolean {
  if (sees === 'all') return true
  return 'kind' in sees ? isSameOwner(sees, token.owner) : sees.id === token.id
}

/** Whether the caller may change that token; `revoke`: revoke it, which a token may do to itself. */
export function isChangeable(
  { sees, changes }: TokenAccess,
  token: TokenRecord,
  action: 'update' | 'revoke',
): boolean {
  if (changes === 'all') return true
  if (changes !== 'none') return isSameOwner(changes, token.owner)
  return action === 'revoke' && sees !== 'all' && 'id' in sees && sees.id === token.id
}

/** The owner of what a caller makes: a token makes tokens of its own owner. */
function ownerOf(caller: Caller): TokenOwner {
  if (caller.kind === 'node') return { kind: 'node' }
  const { user, name } = caller
  if (user?.kind === 'token' && user.owner) return user.owner
  if (user?.kind === 'subject') {
    const { issuer = '', subject = '', roles } = user
    return { kind: 'subject', issuer, subject, ...(roles?.length && { roles }) }
  }
  return { kind: 'user', name }
}

/** Whether the caller may make, see and revoke the tokens of subscriptions to that database. */
export function mayManageSubscriptions(caller: Caller, database: string): AuthError | undefined {
  if (caller.kind === 'node' || isAdmin(caller.permissions)) return undefined
  for (const permission of ['ManageSubscription', 'WriteData'] as const) {
    if (hasPermission(caller.permissions, permission, database)) continue
    const what = `does not have the permission ${permission} on database ${shown(database)}`
    return changeRefusal(caller, what)
  }
  return undefined
}

/** Whether the caller may see the tokens of subscriptions to that database. */
export function maySeeSubscription(caller: Caller, database: string): boolean {
  if (isAuditor(caller)) return true
  return mayManageSubscriptions(caller, database) === undefined
}

const no = (caller: Caller) => changeRefusal(caller, 'may not do that')
