import type { Config } from '../../config/config.js'
import { createMetaClient } from '../../meta-client/client.js'
import { createMetaEditor } from '../../meta-client/editor.js'
import { metaClientOptions } from '../../meta-client/from-config.js'
import { metaNodeTokens } from '../../subscriptions/meta-node-tokens.js'
import type { SubscriptionTokens } from '../../subscriptions/subscription-tokens.js'

/**
 * The tokens of subscriptions at the meta nodes of `[auth] meta-addr`.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if certificates cannot be used
 */
export function openMetaNodeTokens(auth: Config['auth']): SubscriptionTokens & { close(): void } {
  const options = metaClientOptions(auth)
  const client = createMetaClient(options)
  const { addresses, tls, credentials } = options
  const editor = createMetaEditor({ addresses, tls, credentials, timeout: auth.metaTimeout })
  return {
    ...metaNodeTokens(editor.subscriptions, client),
    close() {
      client.close()
      editor.close()
    },
  }
}
