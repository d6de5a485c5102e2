import type { SubjectGroup } from '../../authz/user.js'

/** Who may sign in through the identity provider, and as what: as `[oidc]` says. */
export interface SubjectListOptions {
  readonly admins?: readonly string[]
  readonly auditors?: readonly string[]
  readonly members?: readonly string[]
  /** Which group has which role of the registry. @default none */
  readonly groupRoles?: readonly { readonly group: string; readonly role: string }[]
}

export interface SubjectList {
  /** The group of a subject; undefined if it is not listed. Ids are compared byte for byte; the empty one is nobody's. */
  groupOf(subject: string): SubjectGroup | undefined

  /** The roles that these groups stand for, each once. */
  rolesOf(groups: readonly string[]): readonly string[]

  /** Whether a role is given to any group. */
  isMapped(role: string): boolean
}

/** Of somebody who is listed in several groups, the highest counts. */
export function createSubjectList(options: SubjectListOptions): SubjectList {
  const { admins = [], auditors = [], members = [], groupRoles = [] } = options
  const groups = new Map<string, SubjectGroup>()
  for (const id of members) groups.set(id, 'Member')
  for (const id of auditors) groups.set(id, 'Auditor')
  for (const id of admins) groups.set(id, 'Admin')
  groups.delete('')
  const roles = new Map<string, readonly string[]>()
  for (const { group, role } of groupRoles) roles.set(group, [...(roles.get(group) ?? []), role])
  const mapped = new Set(groupRoles.map(({ role }) => role))
  return {
    groupOf: (subject) => groups.get(subject),
    rolesOf: (named) => [...new Set(named.flatMap((group) => roles.get(group) ?? NONE))],
    isMapped: (role) => mapped.has(role),
  }
}

const NONE: readonly string[] = []
