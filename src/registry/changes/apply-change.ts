import type { Attempts } from '../../authn/passwords/attempts.js'
import type { PasswordHasher, Requester } from '../../authn/passwords/hasher.js'
import type { HashCost } from '../../authn/passwords/password-hash.js'
import type { Permissions } from '../../authz/permission.js'
import { AuthError } from '../../errors.js'
import type { Registry } from '../registry.js'
import type { RegistryChange, RoleChange, UserChange } from './change.js'

export interface ApplyOptions {
  readonly hasher: PasswordHasher

  /** How new passwords are hashed. */
  readonly cost: HashCost

  /** Who waits for it: hashing takes turns. */
  readonly requester: Requester

  /** Where a wrong password for a name that is taken counts. Undefined for administrators, who can read hashes. */
  readonly attempts?: Attempts | undefined
}

/** How often a user who is being changed by others at the same time is looked at again. */
const TURNS = 5

/** Makes a change. Passwords are hashed before the registry is touched. */
export async function applyChange(
  registry: Registry,
  change: RegistryChange,
  options: ApplyOptions,
): Promise<void> {
  if (change.subject === 'role') await applyRoleChange(registry, change)
  else await applyUserChange(registry, change, options)
}

async function applyUserChange(
  registry: Registry,
  change: UserChange,
  options: ApplyOptions,
): Promise<void> {
  const { name } = change
  switch (change.action) {
    case 'create':
      return change.permissions
        ? createGranted(registry, name, change.password, change.permissions, options)
        : create(registry, name, change.password, options)
    case 'delete':
      return registry.deleteUser(name)
    case 'change-password': {
      // An unknown user is not worth a hash
      if (!(await registry.getUser(name))) throw new AuthError('ERR_NOT_FOUND', 'user not found')
      const { hasher, cost, requester } = options
      return registry.changePassword(name, await hasher.hash(change.password, cost, requester))
    }
    case 'add-permissions':
      return registry.addUserPermissions(name, change.permissions)
    case 'remove-permissions':
      return registry.removeUserPermissions(name, change.permissions)
  }
}

async function applyRoleChange(registry: Registry, change: RoleChange): Promise<void> {
  const { name } = change
  switch (change.action) {
    case 'create':
      return registry.createRole(name)
    case 'delete':
      return registry.deleteRole(name)
    case 'change-name':
      return registry.renameRole(name, change.newName)
    case 'add-users':
      return registry.addRoleUsers(name, change.users)
    case 'remove-users':
      return registry.removeRoleUsers(name, change.users)
    case 'add-permissions':
      return registry.addRolePermissions(name, change.permissions)
    case 'remove-permissions':
      return registry.removeRolePermissions(name, change.permissions)
  }
}

/** Of a user who is there nothing is changed or told, whatever the password: it may be somebody else who made them. */
async function createGranted(
  registry: Registry,
  name: string,
  password: string,
  permissions: Permissions,
  { hasher, cost, requester }: ApplyOptions,
): Promise<void> {
  // A name that is taken is not worth a hash
  if (await registry.getUser(name)) throw new AuthError('ERR_CONFLICT', 'user already exists')
  await registry.createUser(name, await hasher.hash(password, cost, requester), permissions)
}

/** A request that is repeated finds the user with its own password, and that is success. */
async function create(
  registry: Registry,
  name: string,
  password: string,
  { hasher, cost, requester, attempts }: ApplyOptions,
): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    const user = await registry.getUser(name)
    if (!user) {
      const hash = await hasher.hash(password, cost, requester)
      if (await isCreated(registry, name, hash)) return
    } else {
      const compare = () => comparePassword(hasher, password, user.hash, requester)
      const refusal = await (attempts
        ? attempts.run({ origin: requester.origin, name }, compare)
        : compare())
      // Comparing took a while: it counts only for the hash that was compared with
      if ((await registry.getUser(name))?.hash !== user.hash) continue
      if (!refusal) return
      if (refusal.code !== 'ERR_CREDENTIALS_REJECTED') throw refusal
      throw new AuthError('ERR_CONFLICT', 'user already exists')
    }
  }
  throw new AuthError('ERR_BUSY', 'the user is being changed, try again')
}

/** Undefined for yes; the refusal that counts as a wrong password for no. */
async function comparePassword(
  hasher: PasswordHasher,
  password: string,
  hash: string,
  requester: Requester,
): Promise<AuthError | undefined> {
  if (await hasher.compare(password, hash, { requester })) return undefined
  return new AuthError('ERR_CREDENTIALS_REJECTED', 'authorization failed')
}

/** Whether the user was created now; false if somebody else was faster. */
async function isCreated(registry: Registry, name: string, hash: string): Promise<boolean> {
  try {
    await registry.createUser(name, hash)
    return true
  } catch (error) {
    if (error instanceof AuthError && error.code === 'ERR_CONFLICT') return false
    throw error
  }
}
