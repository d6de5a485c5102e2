import type { Config } from '../../../config/config.js'
import { createMetaEditor } from '../../../meta-client/editor.js'
import { metaClientOptions } from '../../../meta-client/from-config.js'
import type { ManagedUsers } from './managed-users.js'
import { createRemoteUsers } from './remote-users.js'

/**
 * The users of the meta nodes that `[auth] meta-addr` names, for the users API.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a certificate or key that `[auth]` names cannot be used
 */
export function configuredManagedUsers({ auth }: Config): ManagedUsers {
  const { addresses, tls, credentials } = metaClientOptions(auth)
  return createRemoteUsers(createMetaEditor({ addresses, tls, credentials }))
}
