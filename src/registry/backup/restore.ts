import { AuthError } from '../../errors.js'
import { NO_GRANTS } from '../grants.js'
import { join } from '../membership.js'
import { createRegistryState } from '../registry-state.js'
import { newRoleId, writeGrants, writeRoleName } from '../role-record.js'
import type { Entry, Snapshot, Store, Writer } from '../store/store.js'
import { writeSubscription } from '../tokens/subscription-record.js'
import { writeToken } from '../tokens/token-record.js'
import { writeUser } from '../user-record.js'
import { some } from './backup-format.js'
import { type CheckedBackup, checkBackup } from './check-backup.js'
import { type LineBatches, readBackup } from './read-backup.js'

export interface RestoreOptions {
  /** Whether a registry with users or roles loses them. */
  readonly replace: boolean
  /** Whether a backup without an administrator is restored, too: then nobody can sign in and change users. */
  readonly withoutAdmin: boolean
}

/** How often it is tried again because the registry changed meanwhile. */
const TURNS = 100

/**
 * Makes the registry what a backup says. The backup is read twice: all of it is checked before anything is changed.
 * Then it takes effect whole or not at all, where the store can (see `Store.replace`).
 *
 * @param open the backup from its start
 * @throws AuthError `ERR_REQUEST_INVALID` that names the line, `ERR_CONFLICT`, or as the store does
 */
export async function restore(
  store: Store,
  open: () => LineBatches,
  { replace, withoutAdmin }: RestoreOptions,
): Promise<CheckedBackup> {
  const backup = await checkForRestore(open, withoutAdmin)
  await restoreChecked(store, open, backup, replace)
  return backup
}

/**
 * Reads a backup to its end, before there is a registry to restore it to.
 *
 * @throws AuthError `ERR_REQUEST_INVALID` that names the line, `ERR_CONFLICT` for one without an administrator
 */
export async function checkForRestore(
  open: () => LineBatches,
  withoutAdmin: boolean,
): Promise<CheckedBackup> {
  const backup = await checkBackup(open())
  if (backup.hasAdmin || withoutAdmin) return backup
  const why = 'nobody in the backup holds all permissions, so nobody could read users'
  throw new AuthError('ERR_CONFLICT', `${why}: give --without-admin to restore it all the same`)
}

/**
 * Makes the registry what a backup says that was checked before.
 *
 * @throws AuthError as `restore` does, and if the backup was changed meanwhile
 */
export async function restoreChecked(
  store: Store,
  open: () => LineBatches,
  backup: CheckedBackup,
  replace: boolean,
): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    const index = await store.read(async (snapshot) => {
      if (!replace) await requireEmpty(snapshot)
      return snapshot.index
    })
    const entries = entriesOf(open(), backup.sha256)
    if (await store.replace(index, entries, backup.head.index)) return
  }
  throw new AuthError('ERR_BUSY', 'the registry is being changed all the time, try again')
}

async function requireEmpty(snapshot: Snapshot): Promise<void> {
  const state = createRegistryState(snapshot)
  let [users, roles, tokens] = [0, 0, 0]
  for await (const _ of state.users()) users++
  for await (const _ of state.roles()) roles++
  for await (const _ of state.tokens()) tokens++
  for await (const _ of state.subscriptionTokens()) tokens++
  if (users + roles + tokens === 0) return
  const what = [some(users, 'user'), some(roles, 'role')]
  if (tokens > 0) what.push(some(tokens, 'token'))
  throw new AuthError(
    'ERR_CONFLICT',
    `the registry is not empty (${what.join(', ')}): give --replace to restore, and lose what is there`,
  )
}

/** What the store keeps for a backup, in which each role gets a new id. */
async function* entriesOf(
  batches: LineBatches,
  sha256: string,
): AsyncGenerator<readonly Entry[], void> {
  let entries: Entry[] = []
  const writer: Writer = {
    put: (key, value) => entries.push({ key, value }),
    remove: () => {}, // Nothing was there before
  }
  let id = ''
  const backup = readBackup(batches, sha256)
  for (;;) {
    const step = await backup.next()
    if (step.done) return
    for (const record of step.value) {
      if (record.kind === 'user') writeUser(writer, record.name, undefined, record)
      else if (record.kind === 'role') {
        id = newRoleId()
        writeRoleName(writer, record.name, id)
        writeGrants(writer, id, NO_GRANTS, record.permissions)
      } else if (record.kind === 'members') {
        for (const name of record.names) join(writer, id, name)
      } else if (record.kind === 'token') writeToken(writer, record)
      else writeSubscription(writer, record)
    }
    yield entries
    entries = []
  }
}
