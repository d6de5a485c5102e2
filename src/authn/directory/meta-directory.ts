import type { Grant } from '../../authz/grant.js'
import type { Permissions } from '../../authz/permission.js'
import type { ChangedAccounts } from '../../meta-client/changes/change-event.js'
import type { Subscription } from '../../meta-client/changes/subscription.js'
import type { MetaClient, RoleDocument } from '../../meta-client/client.js'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import { isRefused } from '../../token/refused-token.js'
import { roleKey, subscriptionKey, tokenKey } from './account-key.js'
import type { Account, Directory, Found } from './directory.js'
import { findByKey } from './find-by-key.js'
import { createGrantedAccounts } from './granted-accounts.js'
import { createSharedPermissions } from './shared-permissions.js'
import { createSubscriptionAccount, createTokenAccount } from './token-account.js'

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
  const listeners = new Set<(key: string | undefined) => void>()
  let subscription: Subscription | undefined
  let roles: Promise<KnownRoles> | undefined
  let asked = Number.NEGATIVE_INFINITY

  /** The roles. One question in an interval, and its answer is not kept if it failed. */
  function knownRoles(): Promise<KnownRoles> {
    if (roles && now() - asked < rolesInterval) return roles
    asked = now()
    const answer = client.roles().then((documents) => arrange(documents, share))
    roles = answer
    answer.catch(() => {
      if (roles === answer) roles = undefined
    })
    return answer
  }

  /** A look-up after a change must not use the roles from before it. */
  function watch(listener: (key: string | undefined) => void): () => void {
    const own: typeof listener = (key) => listener(key)
    listeners.add(own)
    subscription ??= client.watch((changed) => {
      roles = undefined
      const keys = changed ? keysOf(changed) : ANYBODY
      for (const key of keys) for (const notify of listeners) notify(key)
    })
    return () => {
      listeners.delete(own)
      if (listeners.size > 0) return
      subscription?.close()
      subscription = undefined
    }
  }

  async function findUser(name: string): Promise<Account | undefined> {
    const [document, { byMember }] = await Promise.all([client.user(name), knownRoles()])
    return document && grantedAccount(document, byMember.get(name))
  }

  async function findToken(digest: string): Promise<Found> {
    const token = await client.token(digest)
    if (token === undefined || isRefused(token)) return token
    return createTokenAccount({ ...token, digest, permissions: share(token.id, token.permissions) })
  }

  async function findSubscription(digest: string): Promise<Found> {
    const found = await client.subscriptionToken(digest)
    if (found === undefined || isRefused(found)) return found
    return createSubscriptionAccount({ ...found, digest })
  }

  return {
    find: findByKey({ user: findUser, token: findToken, subscription: findSubscription }),
    role: async (name) => (await knownRoles()).byName.get(name),
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

/** What roles grant, by whom they name and by their own names. */
interface KnownRoles {
  readonly byMember: ReadonlyMap<string, readonly Grant[]>
  readonly byName: ReadonlyMap<string, Permissions>
}

function arrange(
  roles: readonly RoleDocument[],
  share: ReturnType<typeof createSharedPermissions>,
): KnownRoles {
  const byMember = new Map<string, Grant[]>()
  const byName = new Map<string, Permissions>()
  for (const { name, users, permissions } of roles) {
    const grant = { role: name, permissions: share(name, permissions) }
    byName.set(name, grant.permissions)
    for (const user of users) {
      const list = byMember.get(user)
      if (list) list.push(grant)
      else byMember.set(user, [grant])
    }
  }
  return { byMember, byName }
}

/** The accounts that have changed, by their keys. */
function keysOf({ users, tokens, subscriptions, roles }: ChangedAccounts): readonly string[] {
  return [
    ...users,
    ...tokens.map(tokenKey),
    ...subscriptions.map(subscriptionKey),
    ...roles.map(roleKey),
  ]
}
