import {
  CLUSTER,
  isAdmin,
  PERMISSIONS,
  type Permission,
  type Permissions,
} from '../../authz/permission.js'
import { quoted } from '../../text/printable.js'

/** A name that needs no quotes. */
const PLAIN = /^[\p{L}\p{N}_.@-]+$/u

/** A name as it stands in a list: in quotes if it could be taken for more than one, or for something else. */
export function named(name: string): string {
  return PLAIN.test(name) ? name : quoted(name)
}

/** Names as the parts of a table's cell, with commas. */
export function listed(names: readonly string[]): string[] {
  return names.map((name, i) => (i < names.length - 1 ? `${name},` : name))
}

/** A scope as a table's cell. */
export function scopeName(scope: string): string {
  return scope === CLUSTER ? '(all)' : named(scope)
}

/** Permissions as the parts of a table's cell: `KapacitorAPI;` `ReadData,` `WriteData` `on telegraf`. */
export function permissionParts(permissions: Permissions): string[] {
  const scopes = sortedScopes(permissions)
  return scopes.flatMap(([scope, names], i) => {
    const parts = listed(shortened(names, scope))
    if (scope !== CLUSTER) parts.push(`on ${named(scope)}`)
    if (i < scopes.length - 1) parts.push(`${parts.pop()};`)
    return parts
  })
}

/** Scopes that hold something: everywhere first, then databases by name; names in the API's order. */
export function sortedScopes(permissions: Permissions): [scope: string, names: Permission[]][] {
  return [...permissions]
    .filter(([, names]) => names.size > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([scope, names]) => [scope, PERMISSIONS.filter((name) => names.has(name))])
}

/** An administrator's are `all`. */
export function shortened(names: readonly Permission[], scope: string): readonly string[] {
  return scope === CLUSTER && isAdmin(new Map([[CLUSTER, new Set(names)]])) ? ['all'] : names
}

/** As the meta API writes them, for JSON. */
export function permissionObject(permissions: Permissions): Record<string, Permission[]> {
  return Object.fromEntries(sortedScopes(permissions))
}

/** What was granted or revoked, in a sentence. */
export function permissionSentence(permissions: Permissions): string {
  const [names = new Set<Permission>()] = permissions.values()
  const databases = [...permissions.keys()].filter((scope) => scope !== CLUSTER)
  const what = names.size >= PERMISSIONS.length - 1 ? 'all permissions' : [...names].join(', ')
  return databases.length > 0 ? `${what} on ${databases.map(named).join(', ')}` : what
}
