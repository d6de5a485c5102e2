import type { Permissions } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { escaped, shown } from '../text/printable.js'
import { isSameGrants, NO_GRANTS, withGrants, withoutGrants } from './grants.js'
import { keepAnAdmin } from './last-admin.js'
import { disband, isMember, join, leave } from './membership.js'
import { requireNewName } from './name.js'
import {
  type RoleRecord,
  readRole,
  removeGrants,
  removeRoleName,
  writeGrants,
  writeRoleName,
} from './role-record.js'
import type { Draft, Snapshot } from './store/store.js'
import { readUser } from './user-record.js'

/**
 * @param id what no role has or ever had
 * @throws AuthError `ERR_CONFLICT` if there is one of that name
 */
export async function createRole(draft: Draft, name: string, id: string): Promise<void> {
  await requireFree(draft, name)
  writeRoleName(draft, name, id)
  writeGrants(draft, id, NO_GRANTS, NO_GRANTS)
}

export async function deleteRole(draft: Draft, name: string): Promise<void> {
  const role = await requireRole(draft, name)
  await keepAnAdmin(draft, `delete role ${shown(name)}`, async () => {
    removeRoleName(draft, name)
    removeGrants(draft, role.id, role.permissions)
    await disband(draft, role.id)
  })
}

/** Its members and permissions go with it. @throws AuthError `ERR_CONFLICT` if there is one of that name */
export async function renameRole(draft: Draft, name: string, newName: string): Promise<void> {
  const role = await requireRole(draft, name)
  if (newName === name) return
  await requireFree(draft, newName)
  removeRoleName(draft, name)
  writeRoleName(draft, newName, role.id)
}

/** Names that are members already are ignored. @throws AuthError `ERR_NOT_FOUND` that names the first unknown user */
export async function addRoleUsers(
  draft: Draft,
  name: string,
  users: readonly string[],
): Promise<void> {
  const role = await requireRole(draft, name)
  for (const user of users) {
    if (!(await readUser(draft, user))) {
      throw new AuthError('ERR_NOT_FOUND', `user not found: ${escaped(user)}`)
    }
    if (!(await isMember(draft, role.id, user))) join(draft, role.id, user)
  }
}

/** Names that are not members are ignored. */
export async function removeRoleUsers(
  draft: Draft,
  name: string,
  users: readonly string[],
): Promise<void> {
  const role = await requireRole(draft, name)
  await keepAnAdmin(draft, `remove users of role ${shown(name)}`, async () => {
    for (const user of users) {
      if (await isMember(draft, role.id, user)) leave(draft, role.id, user)
    }
  })
}

/** What the role is granted already stays as it is. */
export async function addRolePermissions(
  draft: Draft,
  name: string,
  added: Permissions,
): Promise<void> {
  const role = await requireRole(draft, name)
  grant(draft, role, withGrants(role.permissions, added))
}

/** Permissions that the role does not have are ignored. */
export async function removeRolePermissions(
  draft: Draft,
  name: string,
  removed: Permissions,
): Promise<void> {
  const role = await requireRole(draft, name)
  await keepAnAdmin(draft, `remove permissions of role ${shown(name)}`, async () => {
    grant(draft, role, withoutGrants(role.permissions, removed))
  })
}

function grant(draft: Draft, { id, permissions }: RoleRecord, next: Permissions): void {
  if (!isSameGrants(permissions, next)) writeGrants(draft, id, permissions, next)
}

async function requireRole(snapshot: Snapshot, name: string): Promise<RoleRecord> {
  const role = await readRole(snapshot, name)
  if (!role) throw new AuthError('ERR_NOT_FOUND', 'role not found')
  return role
}

async function requireFree(snapshot: Snapshot, name: string): Promise<void> {
  requireNewName('role', name)
  if (await readRole(snapshot, name)) throw new AuthError('ERR_CONFLICT', 'role already exists')
}
