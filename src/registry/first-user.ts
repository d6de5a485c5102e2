import type { Permissions } from '../authz/permission.js'
import type { Draft } from './store/store.js'
import { createUser } from './user-changes.js'
import { readUsers } from './user-record.js'

/** `['first-user']`: who is about to make the first user, so that only one of several nodes tells a password. */
const CLAIM = ['first-user']

/**
 * Claims the right to make the first user, unless another has it.
 *
 * @param instead whose claim is taken away
 * @returns who has the right now; undefined if there are users
 */
export async function claimFirstUser(
  draft: Draft,
  claimant: string,
  instead?: string,
): Promise<string | undefined> {
  if (await hasUsers(draft)) return undefined
  const holder = await draft.get(CLAIM)
  if (typeof holder === 'string' && holder !== instead) return holder
  draft.put(CLAIM, claimant)
  return claimant
}

/** Gives the right back. */
export async function releaseFirstUser(draft: Draft, claimant: string): Promise<void> {
  if ((await draft.get(CLAIM)) === claimant) draft.remove(CLAIM)
}

/** @returns whether it did: not if there are users, or another has the right to make the first */
export async function createFirstUser(
  draft: Draft,
  claimant: string,
  ...[name, hash, permissions]: [string, string, Permissions]
): Promise<boolean> {
  if ((await draft.get(CLAIM)) !== claimant) return false
  draft.remove(CLAIM)
  if (await hasUsers(draft)) return false
  await createUser(draft, name, hash, permissions)
  return true
}

async function hasUsers(draft: Draft): Promise<boolean> {
  for await (const _ of readUsers(draft)) return true
  return false
}
