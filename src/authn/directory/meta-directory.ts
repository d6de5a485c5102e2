import type { Grant } from '../../authz/grant.js'
import type { Subscription } from '../../meta-client/changes/subscription.js'
import type { MetaClient, RoleDocument } from '../../meta-client/client.js'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import type { Directory } from './directory.js'
import { createGrantedAccounts } from './granted-accounts.js'
import { createSharedPermissions } from './shared-permissions.js'

export interface MetaDirectoryOptions {
  /** For how long one answer about the roles serves the accounts that are looked up. @default 1_000 */
  rolesInterval?: Milliseconds

  /**
   * Whether to subscribe to the meta nodes' changes. The answers of nodes that do not push any are revalidated.
   * @default true
   */
  push?: boolean

  /** @default the process's monotonic clock */
  now?: Clock
}

/**
 * Accounts as a meta node knows them: the user's document joined with the roles that name the user as member.
 * The changes that meta nodes push are passed on; `reportedUntil` says up to when.
 *
 * @throws TypeError for an option out of range
 */
export function createMetaDirectory(
  client: MetaClient,
  options: MetaDirectoryOptions = {},
): Directory {
  const { rolesInterval = 1_000, push = true, now = monotonic } = options
  if (!(rolesInterval >= 0)) throw new TypeError('rolesInterval must not be negative')
  const grantedAccount = createGrantedAccounts()
  const share = createSharedPermissions()
  const listeners = new Set<(name: string | undefined) => void>()
  let subscription: Subscription | undefined
  let roles: Promise<GrantsByMember> | undefined
  let asked = Number.NEGATIVE_INFINITY

  /** The roles by member. One question in an interval, and its answer is not kept if it failed. */
  function rolesByMember(): Promise<GrantsByMember> {
    if (roles && now() - asked < rolesInterval) return roles
    asked = now()
    const answer = client.roles().then((documents) => groupByMember(documents, share))
    roles = answer
    answer.catch(() => {
      if (roles === answer) roles = undefined
    })
    return answer
  }

  /** A look-up after a change must not use the roles from before it. */
  function watch(listener: (name: string | undefined) => void): () => void {
    const own: typeof listener = (name) => listener(name)
    listeners.add(own)
    subscription ??= client.watch((names) => {
      roles = undefined
      for (const name of names ?? ANYBODY) for (const notify of listeners) notify(name)
    })
    return () => {
      listeners.delete(own)
      if (listeners.size > 0) return
      subscription?.close()
      subscription = undefined
    }
  }

  return {
    async find(name) {
      const [document, members] = await Promise.all([client.user(name), rolesByMember()])
      return document && grantedAccount(document, members.get(name))
    },
    checkPassword: (name, password) => client.authorized(name, password),
    // The roles, not /ping: wrong credentials of ours should be seen, too
    ping: async () => void (await client.roles()),
    ...(push && {
      watch,
      reportedUntil: () => subscription?.reportedUntil ?? Number.NEGATIVE_INFINITY,
    }),
  }
}

const ANYBODY = [undefined]

type GrantsByMember = ReadonlyMap<string, readonly Grant[]>

function groupByMember(
  roles: readonly RoleDocument[],
  share: ReturnType<typeof createSharedPermissions>,
): GrantsByMember {
  const byMember = new Map<string, Grant[]>()
  for (const { name, users, permissions } of roles) {
    const grant = { role: name, permissions: share(name, permissions) }
    for (const user of users) {
      const list = byMember.get(user)
      if (list) list.push(grant)
      else byMember.set(user, [grant])
    }
  }
  return byMember
}
