import { type Permission, type Permissions, parsePermission } from '../../authz/permission.js'
import { listOf, objectOf, textOf } from '../wire/answer-json.js'

/** Told the name of a permission that a meta node grants and nobody here knows. */
export type UnknownPermission = (name: string) => void

/**
 * Permissions as a meta document keeps them: lists of names, by database. None at all when left out.
 * A name that is not known grants nothing, and hides nothing else.
 *
 * @throws AuthError `ERR_META_INVALID` if the shape is another
 */
export function readPermissions(value: unknown, unknown: UnknownPermission): Permissions {
  const permissions = new Map<string, ReadonlySet<Permission>>()
  if (value === undefined) return permissions
  for (const [scope, names] of Object.entries(objectOf(value, 'permissions'))) {
    const held = new Set<Permission>()
    for (const item of listOf(names ?? undefined, 'permissions of a database')) {
      const name = textOf(item, 'permission')
      const permission = parsePermission(name)
      if (permission === undefined) unknown(name)
      else held.add(permission)
    }
    permissions.set(scope, held)
  }
  return permissions
}
