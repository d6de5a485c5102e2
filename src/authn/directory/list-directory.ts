import { type Permission, parsePermission } from '../../authz/permission.js'
import { UNKNOWN_TOKEN } from '../../token/refused-token.js'
import { isUsableHash } from '../passwords/password-hash.js'
import { createAccount } from './account.js'
import type { Account, Directory } from './directory.js'
import { findByKey } from './find-by-key.js'

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
    find: findByKey({
      user: async (name) => accounts.get(name),
      token: noToken,
      subscription: noToken,
    }),
    checkPassword: async () => false,
    watch: () => () => {},
  }
}

const noToken = async () => UNKNOWN_TOKEN

function known(name: string): Permission {
  const permission = parsePermission(name)
  if (!permission) throw new TypeError(`unknown permission ${name}`)
  return permission
}
