import { createHasher } from '../../../authn/passwords/configured-hashing.js'
import type { Config } from '../../../config/config.js'
import { createMetaEditor } from '../../../meta-client/editor.js'
import { metaClientOptions } from '../../../meta-client/from-config.js'
import { createMetaNodeUsers } from './meta-node-users.js'
import type { UserAdministration } from './user-administration.js'

/**
 * The users of the meta nodes that `[auth] meta-addr` names.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a certificate or key that `[auth]` names cannot be used
 */
export function configuredUsers({ auth }: Config): UserAdministration {
  const { addresses, tls, credentials } = metaClientOptions(auth)
  const hasher = createHasher(auth)
  const users = createMetaNodeUsers(createMetaEditor({ addresses, tls, credentials }), hasher)
  return {
    ...users,
    close() {
      users.close()
      void hasher.close()
    },
  }
}
