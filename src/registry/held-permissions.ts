import { joinPermissions, type Permissions } from '../authz/permission.js'
import { roleIdsOf } from './membership.js'
import { readGrants } from './role-record.js'
import type { Snapshot } from './store/store.js'
import type { NamedUser } from './user-record.js'

/** What a user holds: granted to the user, and to each of the user's roles. */
export async function heldPermissions(
  snapshot: Snapshot,
  { name, permissions }: Pick<NamedUser, 'name' | 'permissions'>,
): Promise<Permissions> {
  const sources = [permissions]
  for await (const id of roleIdsOf(snapshot, name)) {
    const granted = await readGrants(snapshot, id)
    if (granted) sources.push(granted)
  }
  return joinPermissions(sources)
}
