import type { Permissions } from '../authz/permission.js'
import { AuthError } from '../errors.js'
import { nameFault } from './name.js'
import { createPauses } from './pause-now-and-then.js'
import { GRANTS, readGrants, writeGrants } from './role-record.js'
import type { Draft, Snapshot, Store } from './store/store.js'
import { readUser, readUsers, writeUser } from './user-record.js'

/** A user, by name, or a role, by id. */
interface Holder {
  readonly kind: 'user' | 'role'
  readonly key: string
}

/** A change that holds more of them would keep others waiting. */
const MOST_AT_ONCE = 1_000

/**
 * Removes all permissions on a database from every user and role, as `DROP DATABASE` does; those for the whole cluster
 * stay. It is made in several changes where many have any, so an end in the middle leaves some: it is to be repeated then.
 *
 * @returns how many users and roles had any
 * @throws AuthError `ERR_REQUEST_INVALID` if it cannot be the name of a database
 */
export async function removeDatabasePermissions(store: Store, database: string): Promise<number> {
  const fault = nameFault(database)
  if (fault) throw new AuthError('ERR_REQUEST_INVALID', `the database's name ${fault}`)
  const holders = await store.read((snapshot) => holdersOf(snapshot, database))
  const size = Math.min(MOST_AT_ONCE, store.maxWrites)
  for (let start = 0; start < holders.length; start += size) {
    const some = holders.slice(start, start + size)
    await store.change(async (draft) => {
      for (const holder of some) await removeFrom(draft, holder, database)
    })
  }
  return holders.length
}

async function holdersOf(snapshot: Snapshot, database: string): Promise<readonly Holder[]> {
  const holders: Holder[] = []
  const turn = createPauses()
  for await (const { name, permissions } of readUsers(snapshot)) {
    if (permissions.has(database)) holders.push({ kind: 'user', key: name })
    await turn()
  }
  for await (const { key } of snapshot.range(GRANTS)) {
    const id = key[1] as string
    if ((await readGrants(snapshot, id))?.has(database)) holders.push({ kind: 'role', key: id })
  }
  return holders
}

/** Users and roles that have been deleted meanwhile are skipped. */
async function removeFrom(draft: Draft, { kind, key }: Holder, database: string): Promise<void> {
  const before = await (kind === 'user' ? readUser(draft, key) : readGrantsOf(draft, key))
  if (!before?.permissions.has(database)) return
  const permissions: Permissions = new Map(
    [...before.permissions].filter(([scope]) => scope !== database),
  )
  if ('hash' in before) writeUser(draft, key, before, { ...before, permissions })
  else writeGrants(draft, key, before.permissions, permissions)
}

async function readGrantsOf(draft: Draft, id: string) {
  const permissions = await readGrants(draft, id)
  return permissions && { permissions }
}
