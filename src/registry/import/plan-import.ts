import { AuthError } from '../../errors.js'
import { shown } from '../../text/printable.js'
import { isSameGrants, NO_GRANTS } from '../grants.js'
import { join, leave, membersOf } from '../membership.js'
import { newRoleId, type RoleRecord, readRole, writeGrants, writeRoleName } from '../role-record.js'
import type { Snapshot, Writer } from '../store/store.js'
import { readUser, writeUser } from '../user-record.js'
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
  apply(writer: Writer): void
}

export interface ImportPlan {
  readonly steps: readonly ImportStep[]
  /** Who is left as he is though the export has him otherwise: `user "ann"`. */
  readonly skipped: readonly string[]
  /** How many users and roles are there just so. */
  readonly same: number
}

/** A user is a record, perhaps a candidate; a role a name, too; a member stands in two lists. */
const WRITES = { user: 2, role: 3, member: 2 }

/** How many names a message lists. */
const LISTED = 10

/**
 * What an import would do to a state.
 *
 * @throws AuthError `ERR_REQUEST_INVALID` for members who are nobody, `ERR_CONFLICT` with `refuse` for users and roles
 *   that are there otherwise; both name them
 */
export async function planImport(
  snapshot: Snapshot,
  { users, roles }: Export,
  existing: Existing,
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
        apply: (writer) => {
          const created = before?.created ?? snapshot.index + 1
          writeUser(writer, name, before, { hash, permissions, created })
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
      if (isChanged) steps.push(roleStep(role, before, id))
      for (const name of joining) {
        steps.push(memberStep(`add ${shown(name)} to ${what}`, (writer) => join(writer, id, name)))
      }
      for (const name of leaving) {
        steps.push(memberStep(`take ${shown(name)} out of ${what}`, (w) => leave(w, id, name)))
      }
    }
  }

  await requireMembers(snapshot, users, roles)
  for (const user of users) await planUser(user)
  for (const role of roles) await planRole(role)
  if (conflicts.length > 0) {
    const advice = 'give --replace to overwrite them, or --skip-existing to leave them as they are'
    throw new AuthError(
      'ERR_CONFLICT',
      `already there, and not the same: ${some(conflicts)}; ${advice}`,
    )
  }
  return { steps, skipped, same }
}

function roleStep(role: ExportedRole, before: RoleRecord | undefined, id: string): ImportStep {
  return {
    says: `${before ? 'replace the permissions of' : 'create'} role ${shown(role.name)}`,
    writes: WRITES.role,
    apply(writer) {
      if (!before) writeRoleName(writer, role.name, id)
      writeGrants(writer, id, before?.permissions ?? NO_GRANTS, role.permissions)
    },
  }
}

function memberStep(says: string, apply: ImportStep['apply']): ImportStep {
  return { says, writes: WRITES.member, apply }
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
  throw new AuthError('ERR_REQUEST_INVALID', `members that are no users: ${some(unknown)}`)
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
