import { CLUSTER, type Permissions } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { shown } from '../text/printable.js'
import { EVERY_PERMISSION, isSameGrants, NO_GRANTS, withGrants, withoutGrants } from './grants.js'
import { keepAnAdmin } from './last-admin.js'
import { leaveAll } from './membership.js'
import { requireNewName } from './name.js'
import type { Draft, Snapshot } from './store/store.js'
import { revokeTokensOf } from './tokens/token-changes.js'
import { readUser, removeUser, type UserRecord, writeUser } from './user-record.js'

/** @throws AuthError `ERR_CONFLICT` if there is one of that name */
export async function createUser(
  draft: Draft,
  name: string,
  hash: string,
  permissions: Permissions = NO_GRANTS,
): Promise<void> {
  requireNewName('user', name)
  if (await readUser(draft, name)) throw new AuthError('ERR_CONFLICT', 'user already exists')
  writeUser(draft, name, undefined, { hash, permissions, created: draft.index + 1 })
}

/** Also removes the user from every role, and revokes the user's tokens. @param now milliseconds since 1970 */
export async function deleteUser(draft: Draft, name: string, now: number): Promise<void> {
  const user = await requireUser(draft, name)
  await keepAnAdmin(draft, `delete user ${shown(name)}`, async () => {
    removeUser(draft, name, user)
    await leaveAll(draft, name)
    await revokeTokensOf(draft, name, now)
  })
}

/** @param hash of the new password */
export async function changePassword(draft: Draft, name: string, hash: string): Promise<void> {
  const user = await requireUser(draft, name)
  if (user.hash !== hash) writeUser(draft, name, user, { ...user, hash })
}

/** What is granted and what is taken away in one change. A permission in both is taken away. */
export interface PermissionChange {
  readonly add?: Permissions
  readonly remove?: Permissions
}

/**
 * Grants and revokes at the same time, so that nobody sees the user in between: `GRANT READ ON db` of InfluxQL is
 * `{ add: {db: ReadData}, remove: {db: WriteData} }`. All other permissions stay as they are. To add what the user has,
 * or remove what they do not have, is not an error. What the user has through roles stays.
 */
export async function changeUserPermissions(
  draft: Draft,
  name: string,
  { add = NO_GRANTS, remove = NO_GRANTS }: PermissionChange,
): Promise<void> {
  const user = await requireUser(draft, name)
  const permissions = withoutGrants(withGrants(user.permissions, add), remove)
  await keepAnAdmin(draft, `remove permissions of user ${shown(name)}`, async () => {
    if (isSameGrants(user.permissions, permissions)) return
    writeUser(draft, name, user, { ...user, permissions })
  })
}

/**
 * Gives a user a password and all permissions, and makes the user if need be: the way back in when nobody knows an
 * administrator's password any more.
 *
 * @param hash of the new password
 * @returns what the user was before; undefined for one who was made
 */
export async function resetAdmin(
  draft: Draft,
  name: string,
  hash: string,
): Promise<UserRecord | undefined> {
  const before = await readUser(draft, name)
  if (!before) requireNewName('user', name)
  const all: Permissions = new Map([[CLUSTER, new Set(EVERY_PERMISSION)]])
  const permissions = withGrants(before?.permissions ?? NO_GRANTS, all)
  writeUser(draft, name, before, { hash, permissions, created: before?.created ?? draft.index + 1 })
  return before
}

/** @throws AuthError `ERR_NOT_FOUND` */
export async function requireUser(snapshot: Snapshot, name: string): Promise<UserRecord> {
  const user = await readUser(snapshot, name)
  if (!user) throw new AuthError('ERR_NOT_FOUND', 'user not found')
  return user
}
