import type { MetaClient } from '../meta-client/client.js'
import type { SubscriptionEditor } from '../meta-client/token-editor.js'
import { isRefused } from '../token/refused-token.js'
import type { TokenMaker } from './create-subscription.js'
import type { SubscriptionTokens } from './subscription-tokens.js'

/** Makes and revokes tokens at meta nodes. */
export function metaNodeTokenMaker(editor: SubscriptionEditor): TokenMaker {
  return {
    async create(wanted) {
      const { id, accessToken } = await editor.create(wanted)
      return { id, token: accessToken }
    },
    revoke: (id) => editor.revoke(id),
  }
}

/** The tokens of meta nodes. */
export function metaNodeTokens(
  editor: SubscriptionEditor,
  client: Pick<MetaClient, 'subscriptionToken'>,
): SubscriptionTokens {
  return {
    list: async () =>
      (await editor.list())
        .filter(({ revokedAt }) => revokedAt === undefined)
        .map((one) => ({ ...one, createdAt: Date.parse(one.createdAt) })),
    async find(digest) {
      const found = await client.subscriptionToken(digest, true) // that is not a use
      return isRefused(found) ? undefined : found
    },
    ...metaNodeTokenMaker(editor),
  }
}
