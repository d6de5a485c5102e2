import type { Permissions } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { FIRST_INDEX } from './store/layout.js'
import type { Draft } from './store/store.js'
import { createUser } from './user-changes.js'
import { readUsers } from './user-record.js'

/**
 * `['first-user']`: who is about to make the first user, so that only one of several nodes prints a password; null when
 * that failed. It goes with the first user, and never comes back.
 */
const CLAIM = ['first-user']

/**
 * Claims the right to make the first user, unless another has it.
 *
 * @param instead whose claim is taken away
 * @returns who has the right now; undefined if there are users
 * @throws AuthError `ERR_STORE_UNAVAILABLE` if users must have been there before: that is damage, and not a first start
 */
export async function claimFirstUser(
  draft: Draft,
  claimant: string,
  instead?: string,
): Promise<string | undefined> {
  if (await hasUsers(draft)) return undefined
  const holder = await draft.get(CLAIM)
  if (holder === undefined && draft.index > FIRST_INDEX) throw lostUsers(draft.index)
  if (typeof holder === 'string' && holder !== instead) return holder
  draft.put(CLAIM, claimant)
  return claimant
}

/** Gives the right back. */
export async function releaseFirstUser(draft: Draft, claimant: string): Promise<void> {
  if ((await draft.get(CLAIM)) === claimant) draft.put(CLAIM, null)
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

function lostUsers(index: number): AuthError {
  const message = `the registry has no users, but it is not new (state ${index}), so no administrator is made: restore a backup (kapacitor-auth meta restore), or, if it is meant to be empty, make one with kapacitor-auth meta reset-admin`
  return new AuthError('ERR_STORE_UNAVAILABLE', message)
}

async function hasUsers(draft: Draft): Promise<boolean> {
  for await (const _ of readUsers(draft)) return true
  return false
}
