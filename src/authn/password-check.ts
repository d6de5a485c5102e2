import { type Clock, type Milliseconds, monotonic } from '../time.js'
import { bcryptCost, decoyHash } from './bcrypt-hash.js'
import type { CachedAccount } from './credential-cache.js'
import type { Directory } from './directory.js'
import type { PasswordHasher } from './hasher.js'
import { createPasswordDigester } from './password-digest.js'

export interface PasswordCheckOptions {
  /**
   * Remember a verified password as a keyed digest, so that a hit costs microseconds. Without it each request
   * costs a bcrypt at `bcryptCost`. @default true
   */
  digest?: boolean

  /** The cost of hashes made here, 4 to 14. @default 10 */
  bcryptCost?: number

  /** For how long a directory's word on the password of a user without a hash is taken. @default 10_000 */
  revalidateInterval?: Milliseconds

  /** @default the process's monotonic clock */
  now?: Clock
}

export interface PasswordCheck {
  /** Whether it is the password that was verified last: known at once, without hashing. */
  isRemembered(cached: CachedAccount, password: string): boolean

  /** Whether it is the account's password. Rejects with `ERR_BUSY`, or as the directory does. */
  isRight(cached: CachedAccount, password: string): Promise<boolean>

  /** Remembers on `cached` that the password was found right for its hash. */
  remember(cached: CachedAccount, password: string): Promise<void>

  /** Takes as long as checking a wrong password of the slowest account seen. */
  burn(): Promise<void>
}

/** InfluxDB's meta nodes hash at this cost, so that an unknown user is answered like theirs from the start. */
const USUAL_COST = 10

/** The question whether a password is an account's: digest first, bcrypt off the main thread. */
export function createPasswordCheck(
  directory: Directory,
  hasher: PasswordHasher,
  options: PasswordCheckOptions = {},
): PasswordCheck {
  const {
    digest: keepDigest = true,
    bcryptCost: localCost = 10,
    revalidateInterval = 10_000,
    now = monotonic,
  } = options
  const digester = createPasswordDigester()
  /** Checks under way, by the digest of what they check: the same question is asked once. */
  const flights = new Map<string, Promise<boolean>>()
  let slowest = Math.max(USUAL_COST, localCost)

  const digestOf = ({ account }: CachedAccount, password: string) =>
    digester.digest(account.user.name, account.hash, password)

  /** A user without a hash: only the directory can tell, and what it said grows old. */
  const isOverdue = ({ account, verifiedAt }: CachedAccount) =>
    account.hash === '' && now() - verifiedAt >= revalidateInterval

  function isSame(cached: CachedAccount, password: string): boolean {
    return cached.digest !== undefined && digester.equal(cached.digest, digestOf(cached, password))
  }

  function isRemembered(cached: CachedAccount, password: string): boolean {
    return isSame(cached, password) && !isOverdue(cached)
  }

  function isRight(cached: CachedAccount, password: string): Promise<boolean> {
    const key = digestOf(cached, password).toString('latin1')
    const flying = flights.get(key)
    if (flying) return flying
    const flight = check(cached, password).finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }

  async function check(cached: CachedAccount, password: string): Promise<boolean> {
    const { localHash, account } = cached
    const right = localHash !== undefined && (await hasher.compare(password, localHash))
    if (right && !isOverdue(cached)) return true
    if (account.hash === '') return askDirectory(cached, password, right)
    if (await hasher.compare(password, account.hash)) return true
    // A wrong password takes the same time for every account, and for none
    const cost = bcryptCost(account.hash) ?? 0
    if (cost < slowest) await burn()
    slowest = Math.max(slowest, cost)
    return false
  }

  /** Bounded like every other check by the hasher's queue, and as slow as one. */
  async function askDirectory(
    cached: CachedAccount,
    password: string,
    right: boolean,
  ): Promise<boolean> {
    await burn()
    try {
      return await directory.checkPassword(cached.account.user.name, password)
    } catch (error) {
      // The directory is out of reach: its word on this very password is still good
      if (right || isSame(cached, password)) return true
      throw error
    }
  }

  async function remember(cached: CachedAccount, password: string): Promise<void> {
    cached.verifiedAt = now()
    if (keepDigest) {
      cached.digest = digestOf(cached, password)
    } else if (bcryptCost(cached.account.hash) !== localCost) {
      cached.localHash = await hasher.hash(password, localCost)
    }
  }

  async function burn(): Promise<void> {
    await hasher.compare('decoy', decoyHash(slowest))
  }

  return { isRemembered, isRight, remember, burn }
}
