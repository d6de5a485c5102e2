import { ALL, NONE, type Privilege, READ, WRITE } from './privilege.js'
import { databaseResource, type Resource } from './resource.js'

/** The permissions of the InfluxDB Enterprise meta API, in its order. */
export const PERMISSIONS = [
  'NoPermissions',
  'ViewAdmin',
  'ViewChronograf',
  'CreateDatabase',
  'CreateUserAndRole',
  'AddRemoveNode',
  'DropDatabase',
  'DropData',
  'ReadData',
  'WriteData',
  'Rebalance',
  'ManageShard',
  'ManageContinuousQuery',
  'ManageQuery',
  'ManageSubscription',
  'Monitor',
  'CopyShard',
  'KapacitorAPI',
  'KapacitorConfigAPI',
] as const

/** What the meta API grants: a name, per database. */
export type Permission = (typeof PERMISSIONS)[number]

/** Permissions by scope: a database's name, or `""` for the whole cluster. */
export type Permissions = ReadonlyMap<string, ReadonlySet<Permission>>

/** The scope that covers every database. */
export const CLUSTER = ''

/**
 * The database in which InfluxDB keeps its own figures, the tokens of subscriptions among them. What is granted cluster-wide
 * does not cover it: only administrators, and those who hold a permission on it by its name, may read it.
 */
export const INTERNAL_DATABASE = '_internal'

const BY_NAME = new Map<string, Permission>([
  ...PERMISSIONS.map((name) => [name, name] as const),
  ['9', 'WriteData'], // older meta nodes print this one as its number
])

/** The permission of that name; undefined if there is none. Case matters. */
export function parsePermission(name: string): Permission | undefined {
  return BY_NAME.get(name)
}

/**
 * Whether they include `permission` for that scope: granted on it, or cluster-wide. On `INTERNAL_DATABASE` the latter counts
 * for administrators alone.
 */
export function hasPermission(
  permissions: Permissions,
  permission: Permission,
  scope: string = CLUSTER,
): boolean {
  const held = (at: string) => permissions.get(at)?.has(permission) ?? false
  if (held(scope)) return true
  return scope === INTERNAL_DATABASE ? isAdmin(permissions) : held(CLUSTER)
}

/** Permissions that open Kapacitor's API, whichever database they are granted on. */
export const WHOLE_API: readonly Permission[] = ['KapacitorAPI', 'KapacitorConfigAPI']

/** What InfluxDB Enterprise gives its first user: every permission that grants something, cluster-wide. */
export const ADMIN_PERMISSIONS: Permissions = new Map([
  [CLUSTER, new Set(PERMISSIONS.filter((name) => name !== 'NoPermissions'))],
])

/** Whether they are an administrator's: every permission, cluster-wide. */
export function isAdmin(permissions: Permissions): boolean {
  const cluster = permissions.get(CLUSTER)
  return (
    cluster !== undefined &&
    PERMISSIONS.every((name) => name === 'NoPermissions' || cluster.has(name))
  )
}

/** Permissions of several sources, joined. */
export function joinPermissions(sources: Iterable<Permissions>): Permissions {
  const joined = new Map<string, Set<Permission>>()
  for (const source of sources) {
    for (const [scope, names] of source) {
      const set = joined.get(scope) ?? new Set()
      for (const name of names) set.add(name)
      joined.set(scope, set)
    }
  }
  return joined
}

/**
 * The privileges that permissions give, as Kapacitor derives them, in any order and from any number of
 * sources (`reference`: auth/meta in Kapacitor). Two differences, each narrower than Kapacitor:
 * `KapacitorAPI` alone opens neither `/api/users` (needs `CreateUserAndRole` as well, or a task author
 * could become an administrator) nor `/api/storage` and `/api/debug` (need `ViewAdmin` as well).
 */
export function privilegesOf(permissions: Permissions): ReadonlyMap<Resource, Privilege> {
  const privileges = new Map<Resource, Privilege>()
  const grant: Grantor = (resource, privilege) =>
    privileges.set(resource, (privileges.get(resource) ?? NONE) | privilege)
  const hasApi = holdsApi(permissions)
  for (const [scope, names] of permissions) {
    for (const name of names) derivePrivileges(name, scope, hasApi, grant)
  }
  return privileges
}

/** Whether `KapacitorAPI` is held, on whatever scope: some others open more beside it. */
export function holdsApi(permissions: Permissions): boolean {
  for (const names of permissions.values()) if (names.has('KapacitorAPI')) return true
  return false
}

/** Takes an entry: a privilege on a resource. Several on one resource are joined by OR. */
export type Grantor = (resource: Resource, privilege: Privilege) => void

/** Hands the entries that one permission on one scope gives to `grant`, in an account that `holdsApi` or does not. */
export function derivePrivileges(
  name: Permission,
  scope: string,
  hasApi: boolean,
  grant: Grantor,
): void {
  switch (name) {
    case 'WriteData':
      grant(databaseResource(scope), WRITE)
      grant('/api/write', WRITE)
      grant('/api/ping', ALL)
      break
    case 'ReadData':
      grant(databaseResource(scope), READ)
      grant('/api/ping', ALL)
      break
    case 'KapacitorConfigAPI':
      grant('/api/config', ALL)
      grant('/api/ping', ALL)
      break
    case 'KapacitorAPI':
      grant('/api', ALL)
      for (const closed of ['/api/config', '/api/users', '/api/storage', '/api/debug']) {
        grant(closed, NONE)
      }
      break
    case 'CreateUserAndRole':
      if (hasApi) grant('/api/users', ALL)
      break
    case 'ViewAdmin':
      if (!hasApi) break
      grant('/api/storage', ALL)
      grant('/api/debug', ALL)
      break
  }
}
