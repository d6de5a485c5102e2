import type { Decoy } from '../authn/passwords/decoy.js'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import { isUsablePassword } from '../authn/passwords/password.js'
import { hashWork } from '../authn/passwords/password-hash.js'
import { hasPermission, type Permission } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import type { Registry } from '../registry/registry.js'
import { shown } from '../text/printable.js'

/** What `GET /authorized` asks: is that the user's password, and do they hold the permission there? */
export interface Question {
  readonly name: string
  readonly password: string
  /** `NoPermissions` asks for the password alone. */
  readonly permission: Permission
  /** A database; `""` for the cluster. */
  readonly resource: string
}

/** In place of the hash of an unknown user. */
const NO_HASH = '*'

/**
 * The refusal; undefined for yes. An unknown user is answered like a wrong password, and as slowly.
 */
export async function judge(
  registry: Registry,
  hasher: PasswordHasher,
  decoy: Decoy,
  question: Question,
): Promise<AuthError | undefined> {
  const { name, password, permission, resource } = question
  const failed = () => new AuthError('ERR_CREDENTIALS_REJECTED', 'authorization failed')
  if (!isUsablePassword(password)) return failed()
  const account = await registry.getAccount(name)
  const hash = account?.hash ?? NO_HASH
  const work = hashWork(hash)
  decoy.observe(work)
  const decoys = decoy.after(work)
  const right = await hasher.compare(password, hash, { decoys, requester: { name } })
  if (!account || !right) return failed()
  if (permission === 'NoPermissions' || hasPermission(account.permissions, permission, resource)) {
    return undefined
  }
  const where = resource === '' ? '' : ` on database ${shown(resource)}`
  const message = `user ${name} does not have the permission ${permission}${where}`
  return new AuthError('ERR_PRIVILEGE_MISSING', message)
}
