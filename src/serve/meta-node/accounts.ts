import type { Directory } from '../../authn/directory/directory.js'
import { createHasher } from '../../authn/passwords/configured-hashing.js'
import type { PasswordHasher } from '../../authn/passwords/hasher.js'
import { createProviderSignIn, type ProviderSignIn } from '../../authn/subjects/provider-sign-in.js'
import type { Config } from '../../config/config.js'
import { createStoreDirectory } from '../../registry/registry-directory.js'
import type { Store } from '../../registry/store/store.js'
import { type OpenStoreOptions, openStore } from './open-store.js'

/** The embedded meta node's accounts, for a process that shares its store. */
export interface Accounts {
  readonly store: Store
  readonly directory: Directory
  readonly hasher: PasswordHasher
  /** Its keys are fetched once for all that signs in here. */
  readonly provider: ProviderSignIn
  close(): Promise<void>
}

/** @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line */
export async function openAccounts(
  config: Config,
  options: OpenStoreOptions = {},
): Promise<Accounts> {
  const store = await openStore(config, options)
  try {
    const provider = createProviderSignIn(config.oidc, options.log)
    const hasher = createHasher(config.auth)
    return {
      store,
      hasher,
      provider,
      directory: createStoreDirectory(store, hasher),
      async close() {
        provider.close()
        await hasher.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
