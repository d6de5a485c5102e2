import type { RefusedToken } from '../errors.js'
import type { Milliseconds } from '../time.js'
import { isRefused } from '../token/refused-token.js'
import type { CredentialCache } from './cache/credential-cache.js'
import { parseAccountKey } from './directory/account-key.js'
import type { Account, Directory } from './directory/directory.js'

export interface InspectedAccount {
  readonly account: Account
  /** How long ago the directory was asked for it, if it is a remembered one. */
  readonly age: Milliseconds | undefined
}

/** An account; of a token that may not be used, why, if the directory says so; undefined if there is none. */
export type Inspected = InspectedAccount | RefusedToken | undefined

/** Looks accounts up for somebody who only wants to know: it is not a use of a token. */
export interface AccountInspector {
  /** By name, or by a key of `account-key.ts`. Rejects as the directory does. */
  find(key: string): Promise<Inspected>

  /** See `Directory.keyOf`. */
  keyOf(shownName: string): Promise<string | undefined>
}

/** @param cache what it remembers of `directory` */
export function createAccountInspector(
  directory: Directory,
  cache: CredentialCache,
): AccountInspector {
  /**
   * The directory's answer is not kept: it would pass for that of a use. A remembered token's account does where the directory
   * cannot be asked, as it does for requests.
   */
  async function findToken(key: string): Promise<Inspected> {
    try {
      const found = await directory.find(key, true)
      return !found || isRefused(found) ? found : { account: found, age: undefined }
    } catch (error) {
      const remembered = cache.peek(key)
      if (!remembered) throw error
      return { account: remembered.account, age: cache.age(key) }
    }
  }

  return {
    async find(key) {
      const { kind } = parseAccountKey(key)
      if (kind === 'token' || kind === 'subscription') return findToken(key)
      const found = await cache.find(key)
      return found && { account: found.account, age: cache.age(key) }
    },
    keyOf: async (shownName) => directory.keyOf?.(shownName),
  }
}
