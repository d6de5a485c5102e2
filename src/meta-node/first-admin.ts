import { randomBytes } from 'node:crypto'
import type { PasswordHasher } from '../authn/hasher.js'
import { isUsablePassword } from '../authn/password.js'
import type { HashCost } from '../authn/password-hash.js'
import { CLUSTER, PERMISSIONS, type Permissions } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { nameFault } from './name.js'
import type { Registry } from './registry.js'

/** What InfluxDB Enterprise gives its first user: every permission, cluster-wide. */
export const ADMIN_PERMISSIONS: Permissions = new Map([
  [CLUSTER, new Set(PERMISSIONS.filter((name) => name !== 'NoPermissions'))],
])

export interface FirstAdminOptions {
  username: string

  /** @default a random one of 32 characters */
  password?: string | undefined

  /** How the password is hashed. */
  cost: HashCost

  /** Told the password before the administrator is made; if it rejects, none is. @default nobody is told */
  announce?: ((password: string) => Promise<void>) | undefined
}

export type FirstAdmin = { created: true; password: string } | { created: false }

/**
 * Gives a registry without users an administrator. One with users is left alone.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` for a name or a password that cannot be one
 */
export async function ensureAdmin(
  registry: Registry,
  hasher: PasswordHasher,
  options: FirstAdminOptions,
): Promise<FirstAdmin> {
  const { username, cost } = options
  if (!(await isWithoutUsers(registry))) return { created: false }
  const fault = nameFault(username)
  if (fault) throw new AuthError('ERR_CONFIG_INVALID', `the administrator's name ${fault}`)
  const password = options.password ?? randomBytes(16).toString('hex')
  if (!isUsablePassword(password)) {
    const message = "the administrator's password must be 1 to 72 bytes long, without NUL"
    throw new AuthError('ERR_CONFIG_INVALID', message)
  }
  const hash = await hasher.hash(password, cost)
  await options.announce?.(password)
  const created = await registry.createFirstUser(username, hash, ADMIN_PERMISSIONS)
  return created ? { created, password } : { created }
}

function isWithoutUsers(registry: Registry): Promise<boolean> {
  return registry.read(async (state) => {
    for await (const _ of state.users()) return false
    return true
  })
}
