import { AuthError } from '../../errors.js'
import type { SubscriptionTokens } from '../../subscriptions/subscription-tokens.js'

/** The same tokens, once there is an administrator: a registry with anything in it is not new, and gets no first one. */
export function afterAdministrator(
  tokens: SubscriptionTokens,
  hasAdministrator: () => Promise<boolean>,
): SubscriptionTokens {
  return {
    ...tokens,
    async create(wanted) {
      if (await hasAdministrator()) return tokens.create(wanted)
      throw new AuthError('ERR_BUSY', 'the first administrator is not created yet')
    },
  }
}
