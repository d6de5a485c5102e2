import type { Registry } from '../registry/registry.js'
import { newSubscriptionToken } from '../token/own-token.js'
import type { SubscriptionTokens } from './subscription-tokens.js'

/** As much of a registry as they need. */
export type SubscriptionTokenRegistry = Pick<
  Registry,
  | 'listSubscriptionTokens'
  | 'findSubscriptionToken'
  | 'createSubscriptionToken'
  | 'revokeSubscriptionToken'
>

const isValid = ({ revokedAt }: { readonly revokedAt?: unknown }) => revokedAt === undefined

/** The tokens of a registry in this process. */
export function registryTokens(registry: SubscriptionTokenRegistry): SubscriptionTokens {
  return {
    list: async () => (await registry.listSubscriptionTokens()).filter(isValid),
    async find(digest) {
      const found = await registry.findSubscriptionToken(digest)
      return found && isValid(found) ? found : undefined
    },
    async create(wanted) {
      const { token, digest } = newSubscriptionToken()
      const { id } = await registry.createSubscriptionToken({ ...wanted, digest })
      return { id, token }
    },
    async revoke(id) {
      await registry.revokeSubscriptionToken(id)
    },
  }
}
