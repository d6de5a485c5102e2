import type { PasswordHasher } from '../authn/passwords/hasher.js'
import type { HashCost } from '../authn/passwords/password-hash.js'
import { AuthError } from '../errors.js'
import type { Registry } from '../registry/registry.js'
import type { RoleChange, UserChange } from './change.js'

/** How often a user who is being changed by others at the same time is looked at again. */
const TURNS = 5

/** Does what a `POST /user` asks for. Passwords are hashed so, before the registry is touched. */
export async function applyUserChange(
  registry: Registry,
  hasher: PasswordHasher,
  cost: HashCost,
  change: UserChange,
): Promise<void> {
  const { name } = change
  switch (change.action) {
    case 'create':
      return create(registry, hasher, cost, name, change.password)
    case 'delete':
      return registry.deleteUser(name)
    case 'change-password':
      // An unknown user is not worth a hash
      if (!(await registry.getUser(name))) throw new AuthError('ERR_NOT_FOUND', 'user not found')
      return registry.changePassword(name, await hasher.hash(change.password, cost))
    case 'add-permissions':
      return registry.addUserPermissions(name, change.permissions)
    case 'remove-permissions':
      return registry.removeUserPermissions(name, change.permissions)
  }
}

/** Does what a `POST /role` asks for. */
export async function applyRoleChange(registry: Registry, change: RoleChange): Promise<void> {
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

/** A request that is repeated finds the user with its own password, and that is success. */
async function create(
  registry: Registry,
  hasher: PasswordHasher,
  cost: HashCost,
  name: string,
  password: string,
): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    const user = await registry.getUser(name)
    if (!user) {
      const hash = await hasher.hash(password, cost)
      if (await isCreated(registry, name, hash)) return
    } else {
      const same = await hasher.compare(password, user.hash)
      // Comparing took a while: it counts for the hash that was compared with only
      if ((await registry.getUser(name))?.hash !== user.hash) continue
      if (same) return
      throw new AuthError('ERR_CONFLICT', 'user already exists')
    }
  }
  throw new AuthError('ERR_BUSY', 'the user is being changed, try again')
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
