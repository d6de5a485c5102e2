import { isAdmin } from '../../../authz/permission.js'
import { AuthError } from '../../../errors.js'
import type { Registry } from '../../../registry/registry.js'
import type { RegistryState } from '../../../registry/registry-state.js'
import { failureOf } from './failure-of.js'
import type { ManagedUser } from './kapacitor-user.js'
import type { ChangeBy } from './managed-users.js'

/** What Kapacitor's names of the users of subscription tokens begin with. Here the token's id follows, not the token. */
const PREFIX = '_sub:'

/** The tokens of subscriptions that are good, as the users API shows them: in the order of their names. */
export async function subscriptionUsers(
  state: Pick<RegistryState, 'subscriptionTokens'>,
): Promise<readonly ManagedUser[]> {
  const users: ManagedUser[] = []
  for await (const { id, revokedAt } of state.subscriptionTokens()) {
    if (revokedAt === undefined) users.push(subscription(id))
  }
  return users.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The one of that name; undefined if there is none, or it was revoked. */
export async function subscriptionUser(
  state: Pick<RegistryState, 'subscriptionToken'>,
  name: string,
): Promise<ManagedUser | undefined> {
  if (!name.startsWith(PREFIX)) return undefined
  const token = await state.subscriptionToken(name.slice(PREFIX.length))
  return token && token.revokedAt === undefined ? subscription(token.id) : undefined
}

/** Revokes one. It takes an administrator: whoever else manages users has no part in what InfluxDB sends. */
export async function revokeSubscription(
  registry: Pick<Registry, 'revokeSubscriptionToken'>,
  name: string,
  { manager, report }: ChangeBy,
): Promise<void> {
  const head = { change: 'delete', subject: 'user', name } as const
  try {
    if (manager && !isAdmin(manager.permissions)) {
      const says = `user ${manager.name} may not revoke a subscription token`
      throw new AuthError('ERR_PRIVILEGE_MISSING', says)
    }
    await registry.revokeSubscriptionToken(name.slice(PREFIX.length))
  } catch (error) {
    report({ ...head, ...failureOf(error) })
    throw error
  }
  report({ ...head, outcome: 'made' })
}

function subscription(id: string): ManagedUser {
  return { name: PREFIX + id, own: new Map(), byRoles: new Map(), isSubscription: true }
}
