import { hasPermission, isAdmin, type Permissions } from '../authz/permission.js'
import { AuthError } from '../errors.js'

/** Who asks the meta node: another node of the cluster, or a user with all that he and his roles hold. */
export type Caller =
  | { readonly kind: 'node' }
  | { readonly kind: 'user'; readonly name: string; readonly permissions: Permissions }

/** Reading users (hashes among it), roles, and whether a password is right, is for nodes and administrators. */
export function mayRead(caller: Caller): AuthError | undefined {
  if (caller.kind === 'node' || isAdmin(caller.permissions)) return undefined
  return refuse(caller.name, 'is not an administrator, who holds all permissions')
}

/** Changing users and roles takes `CreateUserAndRole`. */
export function mayChange(caller: Caller): AuthError | undefined {
  if (caller.kind === 'node' || hasPermission(caller.permissions, 'CreateUserAndRole')) {
    return undefined
  }
  return refuse(caller.name, 'does not have the permission CreateUserAndRole')
}

/** A user may change his own password; another's takes `CreateUserAndRole`. */
export function mayChangePassword(caller: Caller, of: string): AuthError | undefined {
  return caller.kind === 'user' && caller.name === of ? undefined : mayChange(caller)
}

function refuse(name: string, why: string): AuthError {
  return new AuthError('ERR_PRIVILEGE_MISSING', `user ${name} ${why}`)
}
