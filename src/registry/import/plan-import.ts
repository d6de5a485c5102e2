import { AuthError } from '../../errors.js'
import { shown } from '../../text/printable.js'
import { isSameGrants, NO_GRANTS } from '../grants.js'
import { join, leave, membersOf } from '../membership.js'
import { createPauses } from '../pause-now-and-then.js'
import { newRoleId, type RoleRecord, readRole, writeGrants, writeRoleName } from '../role-record.js'
import type { Draft, Snapshot } from '../store/store.js'
import { readUser, type UserRecord, writeUser } from '../user-record.js'
import type { ExportedRole, ExportedUser } from './import-documents.js'

/** What is to be imported. */
export interface Export {
  readonly users: readonly ExportedUser[]
  readonly roles: readonly ExportedRole[]
}

/** What becomes of users and roles that are there already, and are not the same. */
export type Existing = 'refuse' | 'replace' | 'skip'

/** One thing to do. */
export interface ImportStep {
  /** `create user "ann"` */
  readonly says: string
  /** How many keys it writes. */
  readonly writes: number
  /**
   * Does it, if the draft still has what it was planned for: a store whose changes hold only so much makes an import in
   * several, and others may change something in between.
   *
   * @throws AuthError `ERR_CONFLICT` that names what is not as it was
   */
  apply(draft: Draft): Promise<void>
}

export interface ImportPlan {
  readonly steps: readonly ImportStep[]
  /** Those left as they are though they differ from the export: `user "ann"`. */
  readonly skipped: readonly string[]
  /** How many users and roles are the same already. */
  readonly same: number
}

/** A user is a record and perhaps an index entry; a role has a name, too; a member is in two lists. */
const WRITES = { user: 2, role: 3, member: 2 }

/** How many names a message lists. */
const LISTED = 10

/**
 * What an import would do to a state.
 *
 * @throws AuthError `ERR_REQUEST_INVALID` for members who are not users, `ERR_CONFLICT` with `refuse` for users and
 *   roles that are there and differ; both name them
 */
export async function planImport(
  snapshot: Snapshot,
  { users, roles }: Export,
  existing: Existing,
  turn: () => Promise<void> = createPauses(),
): Promise<ImportPlan> {
  const steps: ImportStep[] = []
  const skipped: string[] = []
  const conflicts: string[] = []
  let same = 0

  /** Whether what is there is to become what the export has. */
  function isReplaced(what: string): boolean {
    if (existing === 'refuse') conflicts.push(what)
    if (existing === 'skip') skipped.push(what)
    return existing === 'replace'
  }

  async function planUser({ name, hash, permissions }: ExportedUser): Promise<void> {
    const what = `user ${shown(name)}`
    const before = await readUser(snapshot, name)
    if (before?.hash === hash && isSameGrants(before.permissions, permissions)) same++
    else if (!before || isReplaced(what)) {
      steps.push({
        says: `${before ? 'replace' : 'create'} ${what}`,
        writes: WRITES.user,
        async apply(draft) {
          if (!isSameUser(await readUser(draft, name), before)) throw changedMeanwhile(what)
          const created = before?.created ?? draft.index + 1
          writeUser(draft, name, before, { hash, permissions, created })
        },
      })
    }
  }

  async function planRole(role: ExportedRole): Promise<void> {
    const what = `role ${shown(role.name)}`
    const before = await readRole(snapshot, role.name)
    const members = new Set(before && (await listed(membersOf(snapshot, before.id))))
    const joining = role.users.filter((name) => !members.has(name))
    const staying = new Set(role.users)
    const leaving = [...members].filter((name) => !staying.has(name))
    const isChanged = !before || !isSameGrants(before.permissions, role.permissions)
    if (!isChanged && joining.length + leaving.length === 0) same++
    else if (!before || isReplaced(what)) {
      const id = before?.id ?? newRoleId()
      const target = { role, id, what }
      if (isChanged) steps.push(roleStep(target, before))
      for (const name of joining) steps.push(joinStep(target, name))
      for (const name of leaving) steps.push(leaveStep(target, name))
    }
  }

  await requireMembers(snapshot, users, roles)
  for (const user of users) {
    await planUser(user)
    await turn()
  }
  for (const role of roles) {
    await planRole(role)
    await turn()
  }
  if (conflicts.length > 0) {
    const advice = 'give --replace to overwrite them, or --skip-existing to leave them as they are'
    throw new AuthError(
      'ERR_CONFLICT',
      `already there, and not the same: ${some(conflicts)}; ${advice}`,
    )
  }
  return { steps, skipped, same }
}

/** A role that is imported, and the id that it has or gets. */
interface RoleTarget {
  readonly role: ExportedRole
  readonly id: string
  /** `role "ops"` */
  readonly what: string
}

function roleStep({ role, id, what }: RoleTarget, before: RoleRecord | undefined): ImportStep {
  return {
    says: `${before ? 'replace the permissions of' : 'create'} ${what}`,
    writes: WRITES.role,
    async apply(draft) {
      if (!isSameRole(await readRole(draft, role.name), before)) throw changedMeanwhile(what)
      if (!before) writeRoleName(draft, role.name, id)
      writeGrants(draft, id, before?.permissions ?? NO_GRANTS, role.permissions)
    },
  }
}

function joinStep({ role, id, what }: RoleTarget, name: string): ImportStep {
  return {
    says: `add ${shown(name)} to ${what}`,
    writes: WRITES.member,
    async apply(draft) {
      if ((await readRole(draft, role.name))?.id !== id) throw changedMeanwhile(what)
      if (!(await readUser(draft, name))) throw changedMeanwhile(`user ${shown(name)}`)
      join(draft, id, name)
    },
  }
}

function leaveStep({ role, id, what }: RoleTarget, name: string): ImportStep {
  return {
    says: `remove ${shown(name)} from ${what}`,
    writes: WRITES.member,
    async apply(draft) {
      if ((await readRole(draft, role.name))?.id !== id) throw changedMeanwhile(what)
      leave(draft, id, name)
    },
  }
}

function isSameUser(a: UserRecord | undefined, b: UserRecord | undefined): boolean {
  if (!a || !b) return a === b
  return a.hash === b.hash && isSameGrants(a.permissions, b.permissions)
}

function isSameRole(a: RoleRecord | undefined, b: RoleRecord | undefined): boolean {
  if (!a || !b) return a === b
  return a.id === b.id && isSameGrants(a.permissions, b.permissions)
}

function changedMeanwhile(what: string): AuthError {
  return new AuthError('ERR_CONFLICT', `${what} was changed by somebody else during the import`)
}

async function requireMembers(
  snapshot: Snapshot,
  users: readonly ExportedUser[],
  roles: readonly ExportedRole[],
): Promise<void> {
  const known = new Set(users.map(({ name }) => name))
  const unknown: string[] = []
  for (const role of roles) {
    for (const name of role.users) {
      if (known.has(name) || (await readUser(snapshot, name))) continue
      unknown.push(`${shown(name)} of role ${shown(role.name)}`)
    }
  }
  if (unknown.length === 0) return
  throw new AuthError('ERR_REQUEST_INVALID', `members that are not users: ${some(unknown)}`)
}

async function listed(names: AsyncIterable<string>): Promise<string[]> {
  const list: string[] = []
  for await (const name of names) list.push(name)
  return list
}

/** The first of them, and how many more there are. */
function some(items: readonly string[]): string {
  const more = items.length - LISTED
  return items.slice(0, LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
