import type { Grant } from '../authz/grant.js'
import { type Permissions, privilegesOf } from '../authz/permission.js'
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
  const user = Object.freeze({ name, admin: false, privileges: privilegesOf(permissions) })
  return Object.freeze({ user, hash, permissions, ...(grants && { grants }) })
}
