import { createHash } from 'node:crypto'
import { keptGrants } from '../grants.js'
import { requireMembersAreUsers } from '../layout-1.js'
import { createPauses } from '../pause-now-and-then.js'
import type { Registry } from '../registry.js'
import type { RegistryState, Role } from '../registry-state.js'
import {
  BACKUP_VERSION,
  type BackupCounts,
  type BackupHead,
  MEMBERS_A_LINE,
} from './backup-format.js'
import { subscriptionLine, tokenLine } from './token-lines.js'

/** How much is collected before it is handed on, in characters. */
const CHUNK = 65_536

/**
 * Hands a backup of one state of the registry to `write`, piece by piece: a million users take no more memory than ten.
 * Changes may happen meanwhile; they are not in it.
 *
 * @param onProgress called now and then with how many of the users and memberships are written
 * @returns what is in it
 * @throws AuthError `ERR_STORE_UNAVAILABLE` if the registry is damaged, before anything is written
 */
export function backUp(
  registry: Registry,
  write: (piece: string) => Promise<void>,
  now: Date = new Date(),
  onProgress: (done: number, all: number) => void = () => {},
): Promise<BackupHead> {
  return registry.read(async (state) => {
    await requireMembersAreUsers(state)
    const counts = await count(state)
    const { index } = state
    const head: BackupHead = {
      backup: 'kapacitor-auth',
      version: BACKUP_VERSION,
      index,
      time: now.toISOString(),
      ...counts,
    }
    const sum = createHash('sha256')
    const all = counts.users + counts.members
    let chunk = ''
    let done = 0
    const flush = async () => {
      sum.update(chunk)
      await write(chunk)
      chunk = ''
    }
    for await (const line of lines(head, state)) {
      chunk += `${JSON.stringify(line)}\n`
      if ('user' in line) done++
      if ('members' in line) done += (line.members as readonly string[]).length
      if (chunk.length < CHUNK) continue
      await flush()
      onProgress(done, all)
    }
    await flush()
    await write(`${JSON.stringify({ end: true, sha256: sum.digest('hex') })}\n`)
    return head
  })
}

async function count(state: RegistryState): Promise<BackupCounts> {
  let [users, roles, members] = [0, 0, 0]
  const turn = createPauses()
  for await (const _ of state.users()) {
    users++
    await turn()
  }
  for await (const role of state.roles()) {
    roles++
    for await (const _ of role.users()) members++
  }
  let [tokens, subscriptions] = [0, 0]
  for await (const _ of state.tokens()) tokens++
  for await (const _ of state.subscriptionTokens()) subscriptions++
  return { users, roles, members, tokens, subscriptions }
}

async function* lines(head: BackupHead, state: RegistryState): AsyncGenerator<object> {
  yield head
  for await (const { name, hash, permissions, created } of state.users()) {
    yield { user: name, hash, permissions: keptGrants(permissions), created }
  }
  for await (const role of state.roles()) yield* roleLines(role)
  for await (const token of state.tokens()) yield tokenLine(token)
  for await (const record of state.subscriptionTokens()) yield subscriptionLine(record)
}

async function* roleLines({ name, permissions, users }: Role): AsyncGenerator<object> {
  yield { role: name, permissions: keptGrants(permissions) }
  let members: string[] = []
  for await (const user of users()) {
    members.push(user)
    if (members.length < MEMBERS_A_LINE) continue
    yield { members, of: name }
    members = []
  }
  if (members.length > 0) yield { members, of: name }
}
