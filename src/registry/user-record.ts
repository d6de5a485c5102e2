import type { Permissions } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { CANDIDATE_USERS, noteCandidate } from './admin-candidate.js'
import { grantsIn, grantsValue, NO_GRANTS } from './grants.js'
import { nameFault } from './name.js'
import type { Snapshot, Value, Writer } from './store/store.js'

/** A user as the registry keeps it, under `['user', name]`. */
export interface UserRecord {
  /** The password's bcrypt hash. */
  readonly hash: string
  /** What the user is granted, roles not counted. */
  readonly permissions: Permissions
  /**
   * The index of the change that created the user, so that users can be listed in the order of their creation; 0 for
   * those older than this record. Users of one change have the same.
   */
  readonly created: number
}

/** A user with the name that it has. */
export interface NamedUser extends UserRecord {
  readonly name: string
}

/** As the store keeps it. Fields that this version does not know are for later ones. */
interface StoredUser {
  readonly hash: string
  readonly permissions?: Value
  readonly created?: number
}

export const USERS = ['user']

export async function readUser(snapshot: Snapshot, name: string): Promise<UserRecord | undefined> {
  return nameFault(name) ? undefined : recordIn(await snapshot.get([...USERS, name]))
}

/** All users, in the order of their names. */
export async function* readUsers(snapshot: Snapshot): AsyncGenerator<NamedUser> {
  for await (const { key, value } of snapshot.range(USERS)) {
    yield { name: key[1] as string, ...(recordIn(value) as UserRecord) }
  }
}

/** @param before what the user was; undefined for a new one */
export function writeUser(
  draft: Writer,
  name: string,
  before: UserRecord | undefined,
  { hash, permissions, created }: UserRecord,
): void {
  draft.put([...USERS, name], { hash, permissions: grantsValue(permissions), created })
  noteCandidate(draft, [...CANDIDATE_USERS, name], before?.permissions ?? NO_GRANTS, permissions)
}

/** Memberships are not removed here. */
export function removeUser(draft: Writer, name: string, before: UserRecord): void {
  draft.remove([...USERS, name])
  noteCandidate(draft, [...CANDIDATE_USERS, name], before.permissions, NO_GRANTS)
}

function recordIn(value: Value | undefined): UserRecord | undefined {
  if (value === undefined) return undefined
  const { hash, permissions, created } = value as unknown as StoredUser
  if (typeof hash !== 'string') {
    throw new AuthError('ERR_STORE_UNAVAILABLE', 'the registry is damaged')
  }
  return { hash, permissions: grantsIn(permissions), created: created ?? 0 }
}
