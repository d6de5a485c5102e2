import type { Grant } from '../../authz/grant.js'
import { joinPermissions, type Permissions } from '../../authz/permission.js'
import { createAccount } from './account.js'
import type { Account } from './directory.js'
import { createSharedPermissions } from './shared-permissions.js'

/** A user as it was found. */
interface FoundUser {
  readonly name: string
  readonly hash: string
  /** Those of the user alone. */
  readonly permissions: Permissions
}

/**
 * A function that makes accounts of users and of what their roles grant. Of a million users most are granted the same:
 * they share one copy, which saves half of what an account takes.
 */
export function createGrantedAccounts() {
  const share = createSharedPermissions()
  const shared = (permissions: Permissions) => share(contentOf(permissions), permissions)

  return function grantedAccount(
    { name, hash, permissions }: FoundUser,
    roles: readonly Grant[] = [],
  ): Account {
    const own = shared(permissions)
    if (roles.length === 0) return createAccount(name, hash, own)
    const grants = [{ role: undefined, permissions: own }, ...roles]
    const joined = joinPermissions(grants.map((grant) => grant.permissions))
    return createAccount(name, hash, shared(joined), grants)
  }
}

function contentOf(permissions: Permissions): string {
  return JSON.stringify([...permissions].map(([scope, names]) => [scope, ...names]))
}
