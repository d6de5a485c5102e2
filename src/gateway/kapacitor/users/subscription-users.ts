import { isAdmin } from '../../../authz/permission.js'
import { callerText, SUBSCRIPTION_PREFIX } from '../../../authz/shown-name.js'
import { AuthError, failureOf } from '../../../errors.js'
import type { ManagedUser } from './kapacitor-user.js'
import type { ChangeBy } from './managed-users.js'

/** The token of a subscription, as far as it is looked at here. */
interface SubscriptionToken {
  readonly id: string
  /** When it was revoked, in whatever unit; undefined if it is good. */
  readonly revokedAt?: number | string | undefined
}

/** The token's id in the name of its user, where Kapacitor has the token itself; undefined for any other name. */
export function subscriptionId(name: string): string | undefined {
  return name.startsWith(SUBSCRIPTION_PREFIX) ? name.slice(SUBSCRIPTION_PREFIX.length) : undefined
}

/** A token as the users API shows it; undefined for one that is not good any more. */
export function subscriptionUser(token: SubscriptionToken | undefined): ManagedUser | undefined {
  if (!token || token.revokedAt !== undefined) return undefined
  return {
    name: SUBSCRIPTION_PREFIX + token.id,
    own: new Map(),
    byRoles: new Map(),
    isSubscription: true,
  }
}

/** Those that are good, in the order of their names. */
export function subscriptionUsers(tokens: readonly SubscriptionToken[]): readonly ManagedUser[] {
  return tokens
    .flatMap((token) => subscriptionUser(token) ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Revokes one. It takes an administrator: other managers of users have no part in what InfluxDB sends. */
export async function revokeSubscription(
  id: string,
  { manager, report }: ChangeBy,
  revoke: (id: string) => Promise<unknown>,
): Promise<void> {
  const head = { change: 'revoke', subject: 'subscription', name: id } as const
  try {
    if (manager && !isAdmin(manager.permissions)) {
      const says = `${callerText(manager)} may not revoke a subscription token`
      throw new AuthError('ERR_PRIVILEGE_MISSING', says)
    }
    await revoke(id)
  } catch (error) {
    report({ ...head, ...failureOf(error) })
    throw error
  }
  report({ ...head, outcome: 'made' })
}
