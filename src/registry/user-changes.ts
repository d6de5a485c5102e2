import type { Permissions } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { shown } from '../text/printable.js'
import { isSameGrants, NO_GRANTS, withGrants, withoutGrants } from './grants.js'
import { keepAnAdmin } from './last-admin.js'
import { leaveAll } from './membership.js'
import { requireName } from './name.js'
import type { Draft, Snapshot } from './store/store.js'
import { readUser, removeUser, type UserRecord, writeUser } from './user-record.js'

/** @throws AuthError `ERR_CONFLICT` if there is one of that name */
export async function createUser(
  draft: Draft,
  name: string,
  hash: string,
  permissions: Permissions = NO_GRANTS,
): Promise<void> {
  requireName('user', name)
  if (await readUser(draft, name)) throw new AuthError('ERR_CONFLICT', 'user already exists')
  writeUser(draft, name, undefined, { hash, permissions })
}

/** Also takes the user out of every role. */
export async function deleteUser(draft: Draft, name: string): Promise<void> {
  const user = await requireUser(draft, name)
  await keepAnAdmin(draft, `delete user ${shown(name)}`, async () => {
    removeUser(draft, name, user)
    await leaveAll(draft, name)
  })
}

/** @param hash of the new password */
export async function changePassword(draft: Draft, name: string, hash: string): Promise<void> {
  const user = await requireUser(draft, name)
  if (user.hash !== hash) writeUser(draft, name, user, { ...user, hash })
}

/** What the user is granted already stays as it is. */
export async function addUserPermissions(
  draft: Draft,
  name: string,
  added: Permissions,
): Promise<void> {
  const user = await requireUser(draft, name)
  grant(draft, name, user, withGrants(user.permissions, added))
}

/** What the user is not granted is no mistake. What he has through a role stays. */
export async function removeUserPermissions(
  draft: Draft,
  name: string,
  removed: Permissions,
): Promise<void> {
  const user = await requireUser(draft, name)
  await keepAnAdmin(draft, `remove permissions of user ${shown(name)}`, async () => {
    grant(draft, name, user, withoutGrants(user.permissions, removed))
  })
}

function grant(draft: Draft, name: string, user: UserRecord, permissions: Permissions): void {
  if (isSameGrants(user.permissions, permissions)) return
  writeUser(draft, name, user, { ...user, permissions })
}

/** @throws AuthError `ERR_NOT_FOUND` */
export async function requireUser(snapshot: Snapshot, name: string): Promise<UserRecord> {
  const user = await readUser(snapshot, name)
  if (!user) throw new AuthError('ERR_NOT_FOUND', 'user not found')
  return user
}
