import { CLUSTER, type Permission, type Permissions } from '../authz/permission.js'
import type { Writer } from './store/store.js'
import type { Key } from './store/store-key.js'

/**
 * An administrator holds every permission, so this one too, by their own or through a role. Its holders are kept in an
 * index, in which administrators are found without reading a million users: of all permissions it is the one that
 * hardly anybody else is given.
 */
const INDEXED: Permission = 'CopyShard'

/** The users, by name, that hold the indexed permission themselves. */
export const CANDIDATE_USERS: Key = ['admin-candidate', 'user']

/** The roles, by id, that hold it. */
export const CANDIDATE_ROLES: Key = ['admin-candidate', 'role']

/** Keeps the index right when somebody's permissions change. */
export function noteCandidate(
  draft: Writer,
  key: Key,
  before: Permissions,
  after: Permissions,
): void {
  const has = (permissions: Permissions) => permissions.get(CLUSTER)?.has(INDEXED) ?? false
  if (has(after) === has(before)) return
  if (has(after)) draft.put(key, true)
  else draft.remove(key)
}
