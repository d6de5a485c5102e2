import type { RefusedToken } from '../../errors.js'
import { UNKNOWN_TOKEN } from '../../token/refused-token.js'
import type { SubscriptionRecord } from './subscription-record.js'

/** The subscription's token if it may be used now; or why it may not. */
export function usableSubscription(
  found: SubscriptionRecord | undefined,
): SubscriptionRecord | RefusedToken {
  if (!found) return UNKNOWN_TOKEN
  return found.revokedAt === undefined ? found : { id: found.id, reason: 'revoked' }
}
