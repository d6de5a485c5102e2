import type { Clock, Milliseconds } from '../../time.js'
import type { CachedAccount } from '../cache/cached-account.js'
import type { Directory } from '../directory/directory.js'

export interface DirectoryPasswordOptions {
  /** For how long a confirmation is taken before the directory is asked again. */
  readonly revalidateInterval: Milliseconds
  /** For how long it is taken while the directory is out of reach. */
  readonly expiration: Milliseconds
  readonly now: Clock
}

const NEVER = { confirmedAt: Number.NEGATIVE_INFINITY }

/** Passwords of users without a hash (LDAP behind the meta node): only the directory can check them. */
export function createDirectoryPassword(
  directory: Directory,
  { revalidateInterval, expiration, now }: DirectoryPasswordOptions,
) {
  /** Whether the directory must be asked before a password is right, even the one that was right last. */
  function isOverdue({ account, confirmation }: CachedAccount): boolean {
    return account.hash === '' && !(confirmation && now() < confirmation.askAgainAt)
  }

  /**
   * Asks the directory. While it is out of reach, its latest confirmation of this very password counts for a while.
   *
   * @param known whether it is the password that the directory last confirmed
   */
  async function ask(cached: CachedAccount, password: string, known: boolean): Promise<boolean> {
    const asked = now()
    const before = cached.confirmation
    try {
      const right = await directory.checkPassword(cached.account.user.name, password)
      if (right !== known) cached.digest = cached.localHash = undefined // of another password
      if (right) {
        cached.confirmation = { confirmedAt: asked, askAgainAt: asked + revalidateInterval }
      }
      return right
    } catch (error) {
      const { confirmedAt } = before ?? NEVER
      const expires = confirmedAt + expiration
      // Another password may have been confirmed meanwhile
      if (!known || cached.confirmation !== before || asked >= expires) throw error
      const askAgainAt = Math.min(now() + revalidateInterval, expires)
      cached.confirmation = { confirmedAt, askAgainAt }
      return true
    }
  }

  return { isOverdue, ask }
}
