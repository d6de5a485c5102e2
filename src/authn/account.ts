import { type Permissions, privilegesOf } from '../authz/permission.js'
import type { Account } from './directory.js'

/** An account, its privileges worked out once. */
export function createAccount(name: string, hash: string, permissions: Permissions): Account {
  const user = Object.freeze({ name, admin: false, privileges: privilegesOf(permissions) })
  return Object.freeze({ user, hash, permissions })
}
