import { type Permission, parsePermission } from '../../authz/permission.js'
import { isUsableHash } from '../passwords/password-hash.js'
import { createAccount } from './account.js'
import type { Account, Directory } from './directory.js'

/** A user of a fixed list. */
export interface ListedUser {
  name: string

  /** The password's hash: bcrypt (`$2a$`, `$2b$` or `$2y$`, cost 4 to 14), `$pbkdf2-sha256$` or `$pbkdf2-sha512$`. */
  hash: string

  /** By database; `""` for the whole cluster. */
  permissions?: Readonly<Record<string, readonly Permission[]>>
}

/**
 * A directory of users that never change, for tests and for programs with a handful of users of their own.
 *
 * @throws TypeError for a name that occurs twice, a hash that no password can be checked against, or a permission that
 *   does not exist
 */
export function createListDirectory(users: readonly ListedUser[]): Directory {
  const accounts = new Map<string, Account>()
  for (const { name, hash, permissions = {} } of users) {
    if (accounts.has(name)) throw new TypeError(`user ${name} is listed twice`)
    if (!isUsableHash(hash))
      throw new TypeError(`user ${name}: hash must be a bcrypt or PBKDF2 hash`)
    const granted = Object.entries(permissions).map(
      ([scope, names]) => [scope, new Set(names.map(known))] as const,
    )
    accounts.set(name, createAccount(name, hash, new Map(granted)))
  }
  return {
    find: async (name) => accounts.get(name),
    checkPassword: async () => false,
    watch: () => () => {},
  }
}

function known(name: string): Permission {
  const permission = parsePermission(name)
  if (!permission) throw new TypeError(`unknown permission ${name}`)
  return permission
}
