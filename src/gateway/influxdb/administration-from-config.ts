import { createHasher, hashCost } from '../../authn/passwords/configured-hashing.js'
import type { PasswordHasher } from '../../authn/passwords/hasher.js'
import type { Config } from '../../config/config.js'
import { createMetaEditor } from '../../meta-client/editor.js'
import { metaClientOptions } from '../../meta-client/from-config.js'
import type { Store } from '../../registry/store/store.js'
import { createMetaNodeUsers } from './users/meta-node-users.js'
import { createRegistryUsers } from './users/registry-users.js'
import type { UserAdministration } from './users/user-administration.js'

/** The embedded meta node's store and hashing threads, where it runs in this process. */
export interface EmbeddedUsers {
  readonly store: Store
  readonly hasher: PasswordHasher
}

/**
 * Where users are changed: in the embedded meta node's registry, or at the meta nodes of `[auth] meta-addr`.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a certificate or key that `[auth]` names cannot be used
 */
export function userAdministrationOf(
  { auth, meta }: Config,
  embedded: EmbeddedUsers | undefined,
): UserAdministration {
  if (embedded) return createRegistryUsers(embedded.store, embedded.hasher, hashCost(meta))
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
