import type { createSharedPermissions } from '../authn/directory/shared-permissions.js'
import type { Grant } from '../authz/grant.js'
import { roleIdsOf } from './membership.js'
import type { RoleName } from './role-names.js'
import { readGrants } from './role-record.js'
import type { Snapshot } from './store/store.js'

/** What each role grants that the user is in. */
export async function grantsOf(
  snapshot: Snapshot,
  user: string,
  roleName: RoleName,
  share: ReturnType<typeof createSharedPermissions>,
): Promise<readonly Grant[]> {
  const grants: Grant[] = []
  for await (const id of roleIdsOf(snapshot, user)) {
    const permissions = await readGrants(snapshot, id)
    if (!permissions) continue
    grants.push({ role: (await roleName(snapshot, id)) ?? id, permissions: share(id, permissions) })
  }
  return grants
}
