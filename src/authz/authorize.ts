import type { Action } from './action.js'
import { NONE } from './privilege.js'
import { type Resource, withParents } from './resource.js'
import type { User } from './user.js'

/**
 * Whether `user` may take `action`. The nearest resource with an entry decides, going upwards, so a
 * nearer entry hides a wider one; no entry at all is no. As Kapacitor decides.
 */
export function isAuthorized(user: User, action: Action): boolean {
  if (user.admin || action.privilege === NONE) return true
  const decidedBy = decidingResource(user, action)
  if (decidedBy === undefined) return false
  return ((user.privileges.get(decidedBy) as number) & action.privilege) === action.privilege
}

/** The nearest resource with an entry, going upwards; undefined if there is none. */
export function decidingResource({ privileges }: User, action: Action): Resource | undefined {
  const resources = action.resources ?? withParents(action.resource)
  return resources.find((resource) => privileges.has(resource))
}
