import { isAdmin, type Permissions } from '../../authz/permission.js'
import { callerText } from '../../authz/shown-name.js'
import type { User } from '../../authz/user.js'
import { AuthError } from '../../errors.js'
import { shown } from '../../text/printable.js'
import { firstMissing } from '../missing-permissions.js'
import type { RegistryState } from '../registry-state.js'
import type { RegistryChange, RoleChange, UserChange } from './change.js'

/** A user, subject or token that manages users by `CreateUserAndRole`, with all that they and their roles hold. */
export interface Manager {
  readonly name: string
  /** Undefined for a user of the registry, who may set their own password: a subject or a token may have the same name. */
  readonly kind?: User['kind'] | undefined
  readonly permissions: Permissions
}

/**
 * Why that user may not make this change although they hold `CreateUserAndRole`; undefined if they may. Administrators may
 * make every change. Others change no administrator, grant nothing that they do not hold, and set no password of a user who
 * holds more than they do: each would be a way to rise.
 *
 * InfluxDB Enterprise knows no such limits: a holder of `CreateUserAndRole` can make itself an administrator there.
 *
 * @param state that the change is made for
 */
export async function beyondManager(
  state: RegistryState,
  change: RegistryChange,
  manager: Manager,
): Promise<AuthError | undefined> {
  if (isAdmin(manager.permissions)) return undefined
  return change.subject === 'user'
    ? userRefusal(state, change, manager)
    : refusalFor(manager, await roleReason(state, change, manager))
}

/** The same for a change of a user, where only what users hold is known. */
export async function beyondUserManager(
  accounts: Accounts,
  change: UserChange,
  manager: Manager,
): Promise<AuthError | undefined> {
  return isAdmin(manager.permissions) ? undefined : userRefusal(accounts, change, manager)
}

/** Why that user may not grant a new user these permissions; undefined if they may. */
export function beyondHeld(wanted: Permissions, manager: Manager): AuthError | undefined {
  return refusalFor(manager, notHeld(manager, wanted))
}

/** All that a user and their roles hold, by the user's name; undefined for an unknown one. */
export interface Accounts {
  account(name: string): Promise<{ readonly permissions: Permissions } | undefined>
}

async function userRefusal(
  accounts: Accounts,
  change: UserChange,
  manager: Manager,
): Promise<AuthError | undefined> {
  return refusalFor(manager, await userReason(accounts, change, manager))
}

function refusalFor(manager: Manager, why: string | undefined): AuthError | undefined {
  if (why === undefined) return undefined
  return new AuthError('ERR_PRIVILEGE_MISSING', `${callerText(manager)} may not ${why}`)
}

async function userReason(
  state: Accounts,
  change: UserChange,
  manager: Manager,
): Promise<string | undefined> {
  const { name: self, permissions: held, kind } = manager
  const { name, action } = change
  const isOwnPassword = action === 'change-password' && kind === undefined && name === self
  if (action === 'create') return change.permissions && notHeld(manager, change.permissions)
  if (isOwnPassword) return undefined
  const target = await state.account(name)
  if (!target) return undefined
  if (isAdmin(target.permissions)) return `change user ${shown(name)}, who is an administrator`
  if (action === 'change-password') {
    const more = firstMissing(held, target.permissions)
    return (
      more && `change the password of user ${shown(name)}, who holds more than ${self}: ${more}`
    )
  }
  return action === 'add-permissions' ? notHeld(manager, change.permissions) : undefined
}

async function roleReason(
  state: RegistryState,
  change: RoleChange,
  manager: Manager,
): Promise<string | undefined> {
  const { name, action } = change
  const role = await state.role(name)
  if (!role || action === 'create') return undefined
  if (isAdmin(role.permissions)) return `change role ${shown(name)}, which makes administrators`
  if (action === 'add-permissions') return notHeld(manager, change.permissions)
  if (action === 'add-users' || action === 'remove-users') {
    for (const user of change.users) {
      const account = await state.account(user)
      if (account && isAdmin(account.permissions)) {
        return `change user ${shown(user)}, who is an administrator`
      }
    }
    return action === 'add-users' ? notHeld(manager, role.permissions) : undefined
  }
  for await (const administrator of state.administrators()) {
    if (await role.has(administrator)) {
      return `change role ${shown(name)}, which has an administrator among its members`
    }
  }
  return undefined
}

function notHeld({ name, permissions }: Manager, wanted: Permissions): string | undefined {
  const missing = firstMissing(permissions, wanted)
  return missing && `grant ${missing}, which ${name} does not hold`
}
