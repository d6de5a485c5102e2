import type { Action } from './action.js'
import { NONE } from './privilege.js'
import { lineage } from './resource.js'
import type { User } from './user.js'

/**
 * Whether `user` may take `action`. The nearest resource with an entry decides, going upwards, so a
 * nearer entry hides a wider one; no entry at all is no. As Kapacitor decides.
 */
export function isAuthorized(user: User, action: Action): boolean {
  if (user.admin || action.privilege === NONE) return true
  for (const resource of lineage(action.resource)) {
    const held = user.privileges.get(resource)
    if (held !== undefined) return (held & action.privilege) === action.privilege
  }
  return false
}
