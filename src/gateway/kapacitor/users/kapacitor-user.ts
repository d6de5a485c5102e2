import {
  isAdmin,
  joinPermissions,
  type Permission,
  type Permissions,
} from '../../../authz/permission.js'

/** The permissions of Kapacitor's users API that stand for one of ours each. */
export type KapacitorPermission = 'api' | 'config_api' | 'write_points'

export type UserType = 'normal' | 'admin'

/** A user as the users API shows one. */
export interface KapacitorUser {
  readonly name: string
  readonly type: UserType
  readonly permissions: readonly (KapacitorPermission | 'all')[]
}

/** A user with what is granted to them, and to the roles that they are in. */
export interface ManagedUser {
  readonly name: string
  readonly own: Permissions
  readonly byRoles: Permissions
  /** Whether it is a subscription's token, not a user: it can only be shown and revoked. @default false */
  readonly isSubscription?: boolean
}

/** What somebody is to be; undefined for what stays as it is. */
export interface WantedRights {
  readonly type?: UserType | undefined
  readonly permissions?: ReadonlySet<KapacitorPermission> | undefined
}

/** What `POST /users` asks for. */
export interface NewUser extends WantedRights {
  readonly name: string
  readonly password: string
}

/** What `PATCH /users/NAME` asks for. */
export interface UserUpdate extends WantedRights {
  readonly password?: string | undefined
}

/** In the order in which Kapacitor lists them. */
export const KAPACITOR_PERMISSIONS: ReadonlyMap<KapacitorPermission, Permission> = new Map([
  ['api', 'KapacitorAPI'],
  ['config_api', 'KapacitorConfigAPI'],
  ['write_points', 'WriteData'],
])

/** All that the user holds. */
export function heldBy({ own, byRoles }: ManagedUser): Permissions {
  return joinPermissions([own, byRoles])
}

/**
 * The user as the users API shows one. An administrator, who holds every permission, has the type `admin` and an empty list,
 * as in Kapacitor. Permissions that Kapacitor does not have are not shown: `ReadData`, `WriteData` on single databases.
 */
export function shownUser(user: ManagedUser): KapacitorUser {
  const { name } = user
  const held = heldBy(user)
  if (isAdmin(held)) return { name, type: 'admin', permissions: [] }
  const shown = shownPermissions(held)
  const isAll = shown.length === KAPACITOR_PERMISSIONS.size
  return { name, type: 'normal', permissions: isAll ? ['all'] : shown }
}

/** What is held of `api`, `config_api` and `write_points`. */
export function shownPermissions(held: Permissions): KapacitorPermission[] {
  return [...KAPACITOR_PERMISSIONS].flatMap(([shown, name]) =>
    scopesOf(held, name).length > 0 ? [shown] : [],
  )
}

/**
 * The scopes on which a permission is held so that the users API shows it. `KapacitorAPI` on one database counts as on all:
 * Kapacitor has no API for single databases. `WriteData` on a database is another thing than on all of them.
 */
export function scopesOf(permissions: Permissions, name: Permission): string[] {
  return [...permissions].flatMap(([scope, names]) =>
    names.has(name) && (name !== 'WriteData' || scope === '') ? [scope] : [],
  )
}
