import { parseAccountKey } from './account-key.js'
import type { Account, Directory, Found } from './directory.js'

/** How a directory looks up what it keeps. */
export interface KeptAccounts {
  readonly user: (name: string) => Promise<Account | undefined>
  /** @param digest SHA-256 of the token, in lower-case hexadecimal digits */
  readonly token: (digest: string) => Promise<Found>
  /** @param digest SHA-256 of the token, in lower-case hexadecimal digits */
  readonly subscription: (digest: string) => Promise<Found>
}

/** The `find` of a directory. Nobody has the key of a role; subjects are found by `withSubjects`. */
export function findByKey({ user, token, subscription }: KeptAccounts): Directory['find'] {
  return async function find(key) {
    const account = parseAccountKey(key)
    switch (account.kind) {
      case 'user':
        return user(account.name)
      case 'token':
        return token(account.digest)
      case 'subscription':
        return subscription(account.digest)
      case 'subject':
      case 'role':
        return undefined
    }
  }
}
