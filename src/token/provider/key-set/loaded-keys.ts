import type { Milliseconds } from '../../../time.js'
import type { KnownIssuer } from './known-issuers.js'
import type { PublicKeys } from './public-keys.js'

/** What the provider has said. */
export interface LoadedKeys extends PublicKeys {
  /** Whose tokens these keys verify. */
  readonly issuers: readonly KnownIssuer[]
}

/** The same, and when it was. */
export interface FetchedKeys {
  readonly loaded: LoadedKeys
  /** In milliseconds since the epoch, to be shown. */
  readonly fetchedAt: Milliseconds
  /** By the process's monotonic clock, for their age. */
  readonly fetchedOn: Milliseconds
}
