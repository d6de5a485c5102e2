import type { Grant } from '../../authz/grant.js'
import {
  ADMIN_PERMISSIONS,
  CLUSTER,
  INTERNAL_DATABASE,
  isAdmin,
  joinPermissions,
  type Permissions,
  privilegesOf,
} from '../../authz/permission.js'
import { READ } from '../../authz/privilege.js'
import { databaseResource, ROOT } from '../../authz/resource.js'
import { SUBJECT_PREFIX } from '../../authz/shown-name.js'
import type { SubjectGroup, User } from '../../authz/user.js'
import { sharedPrivileges } from '../directory/account.js'
import { type SubjectIdentity, subjectKey } from '../directory/account-key.js'
import type { Account } from '../directory/directory.js'

/** What the groups hold by themselves. Members have the roles that their token names, and own tokens. */
const GROUP_PERMISSIONS: Readonly<Record<SubjectGroup, Permissions>> = {
  Admin: ADMIN_PERMISSIONS,
  Auditor: new Map([[CLUSTER, new Set(['ReadData'] as const)]]),
  Member: new Map(),
}

/**
 * The account of a listed subject, `oidc:<id>`. It is made of its group and its roles alone: a local user of the same name
 * has nothing to do with it.
 *
 * @param roles what the roles grant that its token names
 */
export function createSubjectAccount(
  identity: SubjectIdentity,
  group: SubjectGroup,
  roles: readonly Grant[],
): Account {
  const permissions = permissionsOf(group, roles)
  const user: User = Object.freeze({
    name: subjectName(identity.subject),
    admin: false,
    privileges: group === 'Auditor' ? readingAll(permissions) : sharedPrivileges(permissions),
    ...(isAdmin(permissions) && { isAdministrator: true }),
    kind: 'subject',
    account: subjectKey(identity),
    issuer: identity.issuer,
    subject: identity.subject,
    group,
    roles: identity.roles,
  })
  const grants = [{ role: undefined, permissions: GROUP_PERMISSIONS[group] }, ...roles]
  return Object.freeze({ user, hash: '', permissions, ...(roles.length > 0 && { grants }) })
}

/** How a subject is shown. */
export const subjectName = (subject: string): string => SUBJECT_PREFIX + subject

/** What a subject of that group with those roles holds. */
export function permissionsOf(group: SubjectGroup, roles: readonly Grant[]): Permissions {
  const own = GROUP_PERMISSIONS[group]
  if (roles.length === 0) return own
  return joinPermissions([own, ...roles.map(({ permissions }) => permissions)])
}

const INTERNAL = databaseResource(INTERNAL_DATABASE)

/** The privileges of somebody who may read everything but InfluxDB's own database, also what a nearer entry would close. */
function readingAll(permissions: Permissions): User['privileges'] {
  const privileges = new Map(privilegesOf(permissions))
  for (const [resource, privilege] of privileges) {
    if (resource !== INTERNAL) privileges.set(resource, privilege | READ)
  }
  return privileges.set(ROOT, READ)
}
