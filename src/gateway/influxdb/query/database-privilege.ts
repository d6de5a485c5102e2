import {
  CLUSTER,
  INTERNAL_DATABASE,
  isAdmin,
  type Permission,
  type Permissions,
} from '../../../authz/permission.js'
import { type Privilege, READ, WRITE } from '../../../authz/privilege.js'
import { databaseResource } from '../../../authz/resource.js'
import type { User } from '../../../authz/user.js'

/** Whether the user is what InfluxDB calls an administrator: holds every permission. */
export function isAdministrator(user: User): boolean {
  return user.admin || user.isAdministrator === true
}

/**
 * What a user holds on a database: READ by `ReadData`, WRITE by `WriteData`, granted on it or cluster-wide. Unlike at
 * Kapacitor's API, one on the database does not hide one that is cluster-wide. No database: what is held cluster-wide.
 * That is nothing on `INTERNAL_DATABASE`, where the tokens of subscriptions are.
 */
export function privilegeOn(user: User, database: string): Privilege {
  if (isAdministrator(user)) return READ | WRITE
  const held = (name: string) => user.privileges.get(databaseResource(name)) ?? 0
  const everywhere = database === INTERNAL_DATABASE ? 0 : held(CLUSTER)
  return (held(database) | everywhere) & (READ | WRITE)
}

/** What InfluxDB calls each of them. */
const NAMES = new Map<Privilege, string>([
  [0, 'NO PRIVILEGES'],
  [READ, 'READ'],
  [WRITE, 'WRITE'],
  [READ | WRITE, 'ALL PRIVILEGES'],
])

export function influxdbPrivilegeName(privilege: Privilege): string {
  return NAMES.get(privilege) ?? 'NO PRIVILEGES'
}

/** A row of SHOW GRANTS. */
export interface GrantRow {
  readonly database: string
  readonly privilege: Privilege
}

const COUNTED: readonly Permission[] = ['ReadData', 'WriteData', 'NoPermissions']

/**
 * What permissions come to on single databases, in the order of their names. What a user who is not an administrator holds
 * cluster-wide counts on each of `databases` but `INTERNAL_DATABASE`, too.
 */
export function grantRows(permissions: Permissions, databases: readonly string[]): GrantRow[] {
  const clusterWide = isAdmin(permissions) ? 0 : privilegeIn(permissions, CLUSTER)
  const everywhere = (database: string) => (database === INTERNAL_DATABASE ? 0 : clusterWide)
  const named = [...permissions].flatMap(([scope, names]) =>
    scope !== CLUSTER && COUNTED.some((name) => names.has(name)) ? [scope] : [],
  )
  const all = new Set([...named, ...databases.filter((name) => everywhere(name) !== 0)])
  return [...all].sort().map((database) => ({
    database,
    privilege: privilegeIn(permissions, database) | everywhere(database),
  }))
}

function privilegeIn(permissions: Permissions, scope: string): Privilege {
  const names = permissions.get(scope)
  return (names?.has('ReadData') ? READ : 0) | (names?.has('WriteData') ? WRITE : 0)
}
