import {
  PERMISSIONS,
  type Permission,
  type Permissions,
  parsePermission,
} from '../authz/permission.js'
import type { Value } from './store/store.js'

/** No permissions. */
export const NO_GRANTS: Permissions = new Map()

/** The permissions with others joined to them. */
export function withGrants(held: Permissions, added: Permissions): Permissions {
  return combine(held, added, (set, name) => set.add(name))
}

/** The permissions without others. */
export function withoutGrants(held: Permissions, removed: Permissions): Permissions {
  return combine(held, removed, (set, name) => set.delete(name))
}

/** Whether both grant the same. */
export function isSameGrants(a: Permissions, b: Permissions): boolean {
  return JSON.stringify(grantsValue(a)) === JSON.stringify(grantsValue(b))
}

/** As the store keeps them: a list of scope and names, so that a scope may be called anything. */
export function grantsValue(permissions: Permissions): Value {
  return grantLists(permissions)
}

/** The inverse of `grantsValue`. Names that this version does not know are left out. */
export function grantsIn(value: Value | undefined): Permissions {
  const permissions = new Map<string, ReadonlySet<Permission>>()
  for (const [scope, names] of (value ?? []) as readonly (readonly [string, string[]])[]) {
    permissions.set(scope, new Set(names.map(parsePermission).filter((name) => name !== undefined)))
  }
  return permissions
}

/** As the meta API writes them; undefined, and so absent, when there are none. */
export function grantsObject(permissions: Permissions): object | undefined {
  const lists = grantLists(permissions)
  return lists.length === 0 ? undefined : Object.fromEntries(lists)
}

/** Scopes in the order of their letters, names in the API's; no empty ones. */
function grantLists(permissions: Permissions): [scope: string, names: Permission[]][] {
  return [...permissions]
    .filter(([, names]) => names.size > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([scope, names]) => [scope, PERMISSIONS.filter((name) => names.has(name))])
}

function combine(
  held: Permissions,
  others: Permissions,
  apply: (set: Set<Permission>, name: Permission) => void,
): Permissions {
  const result = new Map([...held].map(([scope, names]) => [scope, new Set(names)]))
  for (const [scope, names] of others) {
    const set = result.get(scope) ?? new Set()
    for (const name of names) apply(set, name)
    result.set(scope, set)
  }
  return result
}
