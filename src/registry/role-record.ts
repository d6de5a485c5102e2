import { randomBytes } from 'node:crypto'
import type { Permissions } from '../authz/permission.js'
import { CANDIDATE_ROLES, noteCandidate } from './admin-candidate.js'
import { grantsIn, grantsValue, NO_GRANTS } from './grants.js'
import { nameFault } from './name.js'
import type { Snapshot, Writer } from './store/store.js'

/**
 * A role. Its name stands for an id (`['role', name]` → id) that nothing else ever has, and all the rest is
 * kept under the id: to rename or delete a role costs the same whether it has ten members or a million, and
 * a new role of an old name has none of the old one's members.
 */
export interface RoleRecord {
  readonly id: string
  readonly name: string
  /** `['grants', id]`, there for as long as the role is. */
  readonly permissions: Permissions
}

export const ROLES = ['role']
export const GRANTS = ['grants']

export async function readRole(snapshot: Snapshot, name: string): Promise<RoleRecord | undefined> {
  if (nameFault(name)) return undefined
  const id = (await snapshot.get([...ROLES, name])) as string | undefined
  if (id === undefined) return undefined
  return { id, name, permissions: (await readGrants(snapshot, id)) ?? NO_GRANTS }
}

/** All roles, in the order of their names. */
export async function* readRoles(snapshot: Snapshot): AsyncGenerator<RoleRecord> {
  for await (const { key, value } of snapshot.range(ROLES)) {
    const id = value as string
    const permissions = (await readGrants(snapshot, id)) ?? NO_GRANTS
    yield { id, name: key[1] as string, permissions }
  }
}

/** What the role of that id grants; undefined if there is no such role any more. */
export async function readGrants(snapshot: Snapshot, id: string): Promise<Permissions | undefined> {
  const value = await snapshot.get([...GRANTS, id])
  return value === undefined ? undefined : grantsIn(value)
}

export function writeRoleName(draft: Writer, name: string, id: string): void {
  draft.put([...ROLES, name], id)
}

export function removeRoleName(draft: Writer, name: string): void {
  draft.remove([...ROLES, name])
}

export function writeGrants(
  draft: Writer,
  id: string,
  before: Permissions,
  permissions: Permissions,
): void {
  draft.put([...GRANTS, id], grantsValue(permissions))
  noteCandidate(draft, [...CANDIDATE_ROLES, id], before, permissions)
}

export function removeGrants(draft: Writer, id: string, before: Permissions): void {
  draft.remove([...GRANTS, id])
  noteCandidate(draft, [...CANDIDATE_ROLES, id], before, NO_GRANTS)
}

/** An id that no role has or ever had. */
export function newRoleId(): string {
  return randomBytes(12).toString('base64url')
}
