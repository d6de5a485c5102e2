import type { CachedAccount } from '../cache/cached-account.js'
import type { PasswordHasher } from './hasher.js'
import { hashWork } from './password-hash.js'

/**
 * A function that makes, in the background, the hash at this process's own cost for an account whose hash has another.
 * Not at all while the hasher is busy: it is tried again with the next request.
 */
export function createLocalHash(hasher: PasswordHasher, cost: number) {
  const hashing = new WeakSet<CachedAccount>()

  function isAtOwnCost(hash: string): boolean {
    const work = hashWork(hash)
    return work?.kind === 'bcrypt' && work.rounds === 2 ** cost
  }

  return function makeLocalHash(cached: CachedAccount, password: string): void {
    const isNeeded = cached.localHash === undefined && !isAtOwnCost(cached.account.hash)
    if (!isNeeded || hashing.has(cached)) return
    hashing.add(cached)
    hasher
      .hash(password, cost, { name: cached.account.user.name })
      .then(
        (hash) => {
          cached.localHash = hash
        },
        () => {},
      )
      .finally(() => hashing.delete(cached))
  }
}
