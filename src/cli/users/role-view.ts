import type { RoleDocument } from '../../meta-client/documents/role-document.js'
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

/** How many members a table names. */
const MEMBERS = 20

/** A table of roles. */
export function renderRoles(roles: readonly RoleDocument[], options: TableOptions = {}): string {
  if (roles.length === 0) return 'There are no roles.\n'
  const rows = [...roles].sort(byName).map(({ name, users, permissions }) => {
    const members = users.slice(0, MEMBERS).map(named)
    const more = users.length - members.length
    return [
      name,
      listed(more > 0 ? [...members, `and ${more} more`] : members),
      permissionParts(permissions),
    ]
  })
  return renderTable(['ROLE', 'MEMBERS', 'PERMISSIONS'], rows, options)
}

const byName = (a: RoleDocument, b: RoleDocument) => (a.name < b.name ? -1 : 1)

/** One role: all members, and permissions by database. */
export function renderRole(role: RoleDocument, options: TableOptions = {}): string {
  const { name, users, permissions } = role
  const members = users.length > 0 ? listed(users.map(named)) : 'none'
  const head = renderTable(['role', name], [['members', members]], { width: options.width })
  const rows = sortedScopes(permissions).map(([scope, names]) => [
    scopeName(scope),
    listed(shortened(names, scope)),
  ])
  if (rows.length === 0) return `${head}\nNo permissions.\n`
  return `${head}\n${renderTable(['DATABASE', 'PERMISSIONS'], rows, options)}`
}

/** For machines. */
export function roleJson({ name, users, permissions }: RoleDocument): object {
  return { name, permissions: permissionObject(permissions), users: [...users] }
}
