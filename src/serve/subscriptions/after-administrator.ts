import { AuthError } from '../../errors.js'
import type { SubscriptionTokens } from '../../subscriptions/subscription-tokens.js'

/** The same tokens, once there is an administrator: a registry with anything in it is not new, and gets no first one. */
export function afterAdministrator(
  tokens: SubscriptionTokens,
  hasAdministrator: () => Promise<boolean>,
): SubscriptionTokens {
  return {
    async listSubscriptionTokens() {
      if (await hasAdministrator()) return tokens.listSubscriptionTokens()
      throw new AuthError('ERR_BUSY', 'the first administrator is not created yet')
    },
    createSubscriptionToken: (token) => tokens.createSubscriptionToken(token),
    revokeSubscriptionToken: (id) => tokens.revokeSubscriptionToken(id),
  }
}
