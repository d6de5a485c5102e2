import type { Grant } from '../../authz/grant.js'
import { isAdmin, type Permissions, privilegesOf } from '../../authz/permission.js'
import type { User } from '../../authz/user.js'
import type { Account } from './directory.js'

/**
 * An account, its privileges worked out once.
 *
 * @param grants what `permissions` were joined from, if roles are among it
 */
export function createAccount(
  name: string,
  hash: string,
  permissions: Permissions,
  grants?: readonly Grant[],
): Account {
  const user = Object.freeze({
    name,
    admin: false,
    privileges: sharedPrivileges(permissions),
    ...(isAdmin(permissions) && { isAdministrator: true }),
  })
  return Object.freeze({ user, hash, permissions, ...(grants && { grants }) })
}

const PRIVILEGES = new WeakMap<Permissions, User['privileges']>()

/** The privileges that permissions give. The same permissions give one map, for all accounts that share them. */
export function sharedPrivileges(permissions: Permissions): User['privileges'] {
  const known = PRIVILEGES.get(permissions)
  if (known) return known
  const privileges = privilegesOf(permissions)
  PRIVILEGES.set(permissions, privileges)
  return privileges
}
