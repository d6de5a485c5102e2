import { nameFault } from './name.js'
import type { Draft, Snapshot, Writer } from './store/store.js'

/** `['member', role's id, user]`: who is in a role. */
export const MEMBERS = ['member']

/**
 * `['membership', user, role's id]`: the roles a user is in. What a deleted role leaves here means nothing, for
 * its id never comes again; it goes when the user does.
 */
const MEMBERSHIPS = ['membership']

export async function isMember(snapshot: Snapshot, id: string, user: string): Promise<boolean> {
  return !nameFault(user) && (await snapshot.get([...MEMBERS, id, user])) !== undefined
}

export function join(draft: Writer, id: string, user: string): void {
  draft.put([...MEMBERS, id, user], true)
  draft.put([...MEMBERSHIPS, user, id], true)
}

export function leave(draft: Writer, id: string, user: string): void {
  draft.remove([...MEMBERS, id, user])
  draft.remove([...MEMBERSHIPS, user, id])
}

/** The names of a role's members, in order. */
export async function* membersOf(snapshot: Snapshot, id: string): AsyncGenerator<string> {
  for await (const { key } of snapshot.range([...MEMBERS, id])) yield key[2] as string
}

/** The ids of a user's roles; some of them may be gone. */
export async function* roleIdsOf(snapshot: Snapshot, user: string): AsyncGenerator<string> {
  for await (const { key } of snapshot.range([...MEMBERSHIPS, user])) yield key[2] as string
}

/** Removes a deleted user from every role. */
export async function leaveAll(draft: Draft, user: string): Promise<void> {
  for await (const id of roleIdsOf(draft, user)) draft.remove([...MEMBERS, id, user])
  await draft.removeAll([...MEMBERSHIPS, user])
}

/** Removes the members of a deleted role. */
export async function disband(draft: Draft, id: string): Promise<void> {
  await draft.removeAll([...MEMBERS, id])
}
