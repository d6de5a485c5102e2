import {
  CLUSTER,
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

/** What an administrator holds cluster-wide: every permission that grants something. */
export const EVERY_PERMISSION: readonly Permission[] = PERMISSIONS.filter(
  (name) => name !== 'NoPermissions',
)

/**
 * Stands for all permissions of whatever version reads it: who holds all of them cluster-wide is an administrator, and
 * stays one when a later version knows more of them.
 */
const ALL = 'all'

/** As the store keeps them: a list of scope and names, so that a scope may be called anything. */
export function grantsValue(permissions: Permissions): Value {
  return keptLists(permissions)
}

/** As a backup keeps them; undefined, and so absent, when there are none. */
export function keptGrants(permissions: Permissions): object | undefined {
  return objectOf(keptLists(permissions))
}

/** The inverse of `grantsValue`. Names that this version does not know are left out. */
export function grantsIn(value: Value | undefined): Permissions {
  const permissions = new Map<string, ReadonlySet<Permission>>()
  for (const [scope, names] of (value ?? []) as readonly (readonly [string, string[]])[]) {
    permissions.set(scope, new Set(names.flatMap(permissionsNamed)))
  }
  return permissions
}

/** The permissions that a name in the store or in a backup stands for; none for one that this version does not know. */
export function permissionsNamed(name: string): readonly Permission[] {
  if (name === ALL) return EVERY_PERMISSION
  const permission = parsePermission(name)
  return permission === undefined ? [] : [permission]
}

/** As the meta API writes them; undefined, and so absent, when there are none. */
export function grantsObject(permissions: Permissions): object | undefined {
  return objectOf(grantLists(permissions))
}

function objectOf(lists: readonly [scope: string, names: string[]][]): object | undefined {
  return lists.length === 0 ? undefined : Object.fromEntries(lists)
}

/** With all permissions of the cluster as `ALL`. */
function keptLists(permissions: Permissions): [scope: string, names: string[]][] {
  return grantLists(permissions).map(([scope, names]) => {
    const isAll = scope === CLUSTER && EVERY_PERMISSION.every((name) => names.includes(name))
    return [scope, isAll ? [ALL, ...names.filter((name) => name === 'NoPermissions')] : names]
  })
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
