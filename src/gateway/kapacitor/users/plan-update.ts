import {
  ADMIN_PERMISSIONS,
  CLUSTER,
  isAdmin,
  joinPermissions,
  type Permission,
  type Permissions,
} from '../../../authz/permission.js'
import { AuthError } from '../../../errors.js'
import type { UserChange } from '../../../registry/changes/change.js'
import {
  heldBy,
  KAPACITOR_PERMISSIONS,
  type KapacitorPermission,
  type ManagedUser,
  scopesOf,
  shownPermissions,
  type UserUpdate,
  type WantedRights,
} from './kapacitor-user.js'

/** What a new user of that type with these permissions is granted. */
export function newGrants({ type, permissions }: WantedRights): Permissions {
  return type === 'admin' ? ADMIN_PERMISSIONS : grantsOf(permissions ?? [])
}

/**
 * The changes after which the users API shows what is wanted, in the order in which they are made: rights are taken away
 * before others are given. An administrator who is to stay one keeps all, whatever `permissions` says, as in Kapacitor; one
 * who becomes a normal user loses all that is granted on the whole cluster and not asked for. A normal user keeps what the
 * API does not show.
 *
 * @returns `ERR_CONFLICT` if a role grants what is to go: this API changes no roles
 */
export function planUpdate(
  user: ManagedUser,
  update: UserUpdate,
): readonly UserChange[] | AuthError {
  if (user.isSubscription) {
    const says = 'a subscription token has neither a password nor permissions to change'
    return new AuthError('ERR_REQUEST_INVALID', says)
  }
  const rights = planRights(user, update)
  if (rights instanceof AuthError) return rights
  const of = { subject: 'user', name: user.name } as const
  const { add, remove } = rights
  const { password } = update
  return [
    ...(remove.size > 0
      ? [{ ...of, action: 'remove-permissions', permissions: remove } as const]
      : []),
    ...(password === undefined ? [] : [{ ...of, action: 'change-password', password } as const]),
    ...(add.size > 0 ? [{ ...of, action: 'add-permissions', permissions: add } as const] : []),
  ]
}

interface RightsChange {
  readonly add: Permissions
  readonly remove: Permissions
}

function planRights(user: ManagedUser, wanted: WantedRights): RightsChange | AuthError {
  const held = heldBy(user)
  const wasAdmin = isAdmin(held)
  const type = wanted.type ?? (wasAdmin ? 'admin' : 'normal')
  if (type === 'admin') {
    return { add: wasAdmin ? NOTHING : without(ADMIN_PERMISSIONS, user.own), remove: NOTHING }
  }
  if (!wasAdmin && wanted.permissions === undefined) return { add: NOTHING, remove: NOTHING }
  const permissions = wanted.permissions ?? new Set()
  const fault = roleFault(user.byRoles, permissions)
  if (fault !== undefined) return new AuthError('ERR_CONFLICT', fault)
  const remove = filtered(user.own, (name, scope) => {
    const shown = shownAs(name)
    if (shown !== undefined && permissions.has(shown)) return false
    if (wasAdmin && scope === CLUSTER) return name !== 'NoPermissions'
    return shown !== undefined && scopesOf(user.own, name).includes(scope)
  })
  const missing = [...permissions].filter((one) => !shownPermissions(held).includes(one))
  return { add: grantsOf(missing), remove }
}

const NOTHING: Permissions = new Map()

function grantsOf(permissions: Iterable<KapacitorPermission>): Permissions {
  const names = [...permissions].map((one) => KAPACITOR_PERMISSIONS.get(one) as Permission)
  return names.length === 0 ? NOTHING : new Map([[CLUSTER, new Set(names)]])
}

function shownAs(name: Permission): KapacitorPermission | undefined {
  return [...KAPACITOR_PERMISSIONS].find(([, one]) => one === name)?.[0]
}

/** What roles grant that is not wanted, in words. */
function roleFault(
  byRoles: Permissions,
  permissions: ReadonlySet<KapacitorPermission>,
): string | undefined {
  if (isAdmin(byRoles)) return 'a role makes the user an administrator: change the role'
  const stays = shownPermissions(byRoles).find((one) => !permissions.has(one))
  return stays && `a role grants the user ${stays}: change the role`
}

function without(permissions: Permissions, others: Permissions): Permissions {
  return filtered(permissions, (name, scope) => !others.get(scope)?.has(name))
}

function filtered(
  permissions: Permissions,
  isKept: (name: Permission, scope: string) => boolean,
): Permissions {
  const kept = [...permissions].map(
    ([scope, names]) => [scope, new Set([...names].filter((name) => isKept(name, scope)))] as const,
  )
  return joinPermissions([new Map(kept.filter(([, names]) => names.size > 0))])
}
