import {
  CLUSTER,
  hasPermission,
  INTERNAL_DATABASE,
  type Permission,
  type Permissions,
} from './permission.js'

/**
 * What of `wanted` is held: a permission on all databases of which only some are held comes to those,
 * but never to `INTERNAL_DATABASE`, which "all" does not include.
 */
export function permissionsWithin(wanted: Permissions, held: Permissions): Permissions {
  const within = new Map<string, Set<Permission>>()
  const add = (scope: string, name: Permission) => {
    const names = within.get(scope) ?? new Set()
    within.set(scope, names.add(name))
  }
  for (const [scope, names] of wanted) {
    for (const name of names) {
      if (hasPermission(held, name, scope)) add(scope, name)
      else if (scope === CLUSTER) {
        for (const [at, some] of held) if (some.has(name) && at !== INTERNAL_DATABASE) add(at, name)
      }
    }
  }
  return within
}
