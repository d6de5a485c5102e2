import { isAdmin } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { CANDIDATE_ROLES, CANDIDATE_USERS } from './admin-candidate.js'
import { heldPermissions } from './held-permissions.js'
import { membersOf } from './membership.js'
import type { Draft, Snapshot } from './store/store.js'
import { readUser } from './user-record.js'

/**
 * Runs a change that takes something away from somebody, and refuses it if the registry had an administrator
 * before and has none after. One that never had any may be changed freely.
 *
 * Checked before and after every such change, whatever it changes, so that no way to lose an administrator can be
 * forgotten. The index of candidates makes it cheap: the first one is nearly always an administrator.
 *
 * @param what the change, for the message: `delete user "ann"`
 * @throws AuthError `ERR_CONFLICT`
 */
export async function keepAnAdmin<T>(
  draft: Draft,
  what: string,
  takeAway: () => Promise<T>,
): Promise<T> {
  const had = await hasAdmin(draft)
  const result = await takeAway()
  if (had && !(await hasAdmin(draft))) {
    throw new AuthError('ERR_CONFLICT', `cannot ${what}: that would remove the last administrator`)
  }
  return result
}

/** Whether there is a user who holds every permission, by their own or through roles. */
export async function hasAdmin(snapshot: Snapshot): Promise<boolean> {
  for await (const _ of administratorsOf(snapshot)) return true
  return false
}

/** The names of all users who hold every permission; some may come twice. */
export async function* administratorsOf(snapshot: Snapshot): AsyncGenerator<string> {
  for await (const { key } of snapshot.range(CANDIDATE_USERS)) {
    const name = key[2] as string
    if (await isAdminUser(snapshot, name)) yield name
  }
  for await (const { key } of snapshot.range(CANDIDATE_ROLES)) {
    for await (const name of membersOf(snapshot, key[2] as string)) {
      if (await isAdminUser(snapshot, name)) yield name
    }
  }
}

async function isAdminUser(snapshot: Snapshot, name: string): Promise<boolean> {
  const user = await readUser(snapshot, name)
  return user !== undefined && isAdmin(await heldPermissions(snapshot, { name, ...user }))
}
