import { isAdmin, joinPermissions, type Permission } from '../../authz/permission.js'
import type { RoleDocument } from '../../meta-client/documents/role-document.js'
import type { UserDocument } from '../../meta-client/documents/user-document.js'
import { renderTable, type TableOptions } from '../terminal/table.js'
import {
  listed,
  named,
  permissionObject,
  permissionParts,
  scopeName,
  shortened,
  sortedScopes,
} from './permission-text.js'

/** A user with the roles they are a member of. */
export interface UserView {
  readonly user: UserDocument
  readonly roles: readonly RoleDocument[]
  /** Whether they hold every permission, directly or through roles. */
  readonly isAdmin: boolean
}

/** Users with their roles, by name. */
export function userViews(
  users: readonly UserDocument[],
  roles: readonly RoleDocument[],
): readonly UserView[] {
  const rolesOf = new Map<string, RoleDocument[]>()
  for (const role of roles) {
    for (const name of new Set(role.users)) rolesOf.set(name, [...(rolesOf.get(name) ?? []), role])
  }
  return users.map((user) => viewOf(user, rolesOf.get(user.name) ?? [])).sort(byName)
}

function viewOf(user: UserDocument, roles: readonly RoleDocument[]): UserView {
  const sources = [user.permissions, ...roles.map(({ permissions }) => permissions)]
  return { user, roles, isAdmin: isAdmin(joinPermissions(sources)) }
}

const byName = (a: UserView, b: UserView) => (a.user.name < b.user.name ? -1 : 1)

/** A table of users, with the permissions that are their own. */
export function renderUsers(views: readonly UserView[], options: TableOptions = {}): string {
  if (views.length === 0) return 'There are no users.\n'
  const rows = views.map(({ user, roles, isAdmin }) => [
    user.name,
    isAdmin ? 'yes' : '',
    listed(roles.map(({ name }) => named(name))),
    permissionParts(user.permissions),
  ])
  return renderTable(['USER', 'ADMIN', 'ROLES', 'PERMISSIONS'], rows, options)
}

/** One user: permissions by database, and where each comes from. */
export function renderUser({ user, roles, isAdmin }: UserView, options: TableOptions = {}): string {
  const names = roles.map(({ name }) => named(name)).join(', ')
  const head = renderTable(
    ['user', user.name],
    [
      ['admin', isAdmin ? 'yes' : 'no'],
      ['roles', names || 'none'],
    ],
  )
  const rows = grantRows({ user, roles })
  if (rows.length === 0) return `${head}\nNo permissions.\n`
  return `${head}\n${renderTable(['DATABASE', 'PERMISSIONS', 'GRANTED'], rows, options)}`
}

/** Permissions of one scope with the same sources share a row. */
function grantRows({ user, roles }: Pick<UserView, 'user' | 'roles'>) {
  const sources = [
    { says: 'to the user', permissions: user.permissions },
    ...roles.map(({ name, permissions }) => ({ says: `through role ${named(name)}`, permissions })),
  ]
  const joined = joinPermissions(sources.map(({ permissions }) => permissions))
  return sortedScopes(joined).flatMap(([scope, names]) => {
    const bySources = new Map<string, Permission[]>()
    for (const name of names) {
      const from = sources.filter(({ permissions }) => permissions.get(scope)?.has(name))
      const says = from.map((source) => source.says).join(', ')
      bySources.set(says, [...(bySources.get(says) ?? []), name])
    }
    return [...bySources].map(([says, group]) => [
      scopeName(scope),
      listed(shortened(group, scope)),
      says,
    ])
  })
}

/** For machines; the hash is a secret, and is left out. */
export function userJson({ user, roles, isAdmin }: UserView): object {
  return {
    name: user.name,
    admin: isAdmin,
    permissions: permissionObject(user.permissions),
    roles: roles.map(({ name, permissions }) => ({
      name,
      permissions: permissionObject(permissions),
    })),
  }
}
