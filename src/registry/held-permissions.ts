import { joinPermissions, type Permissions } from '../authz/permission.js'
import { roleIdsOf } from './membership.js'
import { readGrants } from './role-record.js'
import type { Snapshot } from './store/store.js'
import type { NamedUser } from './user-record.js'

/** What a user may: granted to him, and to each role that he is in. */
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
