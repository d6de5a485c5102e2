import {
  CLUSTER,
  type Permission,
  type Permissions,
  parsePermission,
} from '../../authz/permission.js'
import { listOf, objectOf, textOf } from '../wire/answer-json.js'

/** Takes what is odd about the permissions that a meta node grants. */
export interface PermissionReport {
  /** A name that is not known here. */
  unknown(name: string): void

  /** One that was granted on a database, and counts for everything. */
  scoped(name: Permission, scope: string): void
}

/** What these open does not depend on a database, as in Kapacitor. */
const UNSCOPED: ReadonlySet<Permission> = new Set([
  'KapacitorAPI',
  'KapacitorConfigAPI',
  'CreateUserAndRole',
  'ViewAdmin',
])

/**
 * Permissions as a meta document keeps them: lists of names, by database. None at all when left out.
 * A name that is not known grants nothing, and hides nothing else.
 *
 * @throws AuthError `ERR_META_INVALID` if the shape is another
 */
export function readPermissions(value: unknown, report: PermissionReport): Permissions {
  const permissions = new Map<string, ReadonlySet<Permission>>()
  if (value === undefined) return permissions
  for (const [scope, names] of Object.entries(objectOf(value, 'permissions'))) {
    const held = new Set<Permission>()
    for (const item of listOf(names ?? undefined, 'permissions of a database')) {
      const name = textOf(item, 'permission')
      const permission = parsePermission(name)
      if (permission === undefined) {
        report.unknown(name)
        continue
      }
      if (scope !== CLUSTER && UNSCOPED.has(permission)) report.scoped(permission, scope)
      held.add(permission)
    }
    permissions.set(scope, held)
  }
  return permissions
}
