import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import type { CachedAccount } from '../cache/cached-account.js'
import type { Directory } from '../directory/directory.js'
import { MAX_COST, MIN_COST } from './bcrypt-hash.js'
import { createDecoy } from './decoy.js'
import { createDirectoryPassword } from './directory-password.js'
import type { PasswordHasher, Requester } from './hasher.js'
import { createLocalHash } from './local-hash.js'
import { createPasswordDigester, type PasswordDigest } from './password-digest.js'
import { type HashCost, hashWork, workOf } from './password-hash.js'

export interface PasswordCheckOptions {
  /**
   * Remember a verified password as a keyed digest, so that a hit costs microseconds. Without it each request
   * costs a bcrypt at `bcryptCost`. @default true
   */
  digest?: boolean

  /** The cost of hashes made here, 4 to 14. @default 10 */
  bcryptCost?: number

  /** How the directory hashes, if known, so that an unknown user is answered as slowly from the start. @default unknown */
  usual?: HashCost | undefined

  /** For how long a directory's confirmation of a password is taken, for a user without a hash. @default 10_000 */
  revalidateInterval?: Milliseconds

  /** The same while the directory is out of reach. @default 600_000 (10 minutes) */
  expiration?: Milliseconds

  /** @default the process's monotonic clock */
  now?: Clock
}

export interface PasswordCheck {
  /** Whether it is the password that was verified last: known at once, without hashing. */
  isRemembered(cached: CachedAccount, password: string): boolean

  /** Whether the password that left this digest on an account still is this account's, as far as is known. */
  stillHolds(cached: CachedAccount, digest: PasswordDigest): boolean

  /** Whether it is the password that was verified last, even if the directory must be asked again: it needs no hashing. */
  isFamiliar(cached: CachedAccount, password: string): boolean

  /**
   * Whether it is the account's password. Rejects with `ERR_BUSY`, or as the directory does.
   *
   * @param requester whose request it is, for fair turns @default nobody in particular
   */
  isRight(cached: CachedAccount, password: string, requester?: Requester): Promise<boolean>

  /** Remembers on `cached` that the password was found right for its hash. */
  remember(cached: CachedAccount, password: string): void

  /** Takes as long as checking a wrong password of any account: for a name that nobody has. */
  checkUnknown(name: string, password: string, requester?: Requester): Promise<void>
}

const NOBODY: Requester = {}

/** In place of the hash of a name that nobody has. */
const NO_HASH = '*'

/** A check under way. */
interface Flight {
  readonly of: CachedAccount | undefined
  readonly answer: Promise<boolean>
}

/**
 * Checks whether a password is an account's: digest first, then its hash, off the main thread.
 *
 * @throws TypeError for an option out of range
 */
export function createPasswordCheck(
  directory: Directory,
  hasher: PasswordHasher,
  options: PasswordCheckOptions = {},
): PasswordCheck {
  const { keepDigest, localCost, usual, revalidateInterval, expiration, now } = checked(options)
  const digester = createPasswordDigester()
  const decoy = createDecoy(workOf(localCost))
  decoy.observe(workOf(usual))
  const makeLocalHash = createLocalHash(hasher, localCost)
  const atDirectory = createDirectoryPassword(directory, { revalidateInterval, expiration, now })
  /** By the digest of what they check: the same question is asked once. */
  const flights = new Map<string, Flight>()

  const digestOf = ({ account }: CachedAccount, password: string) =>
    digester.digest(account.user.name, account.hash, password)

  function isSame(cached: CachedAccount, password: string): boolean {
    return cached.digest !== undefined && digester.equal(cached.digest, digestOf(cached, password))
  }

  function isRight(
    cached: CachedAccount,
    password: string,
    requester: Requester = NOBODY,
  ): Promise<boolean> {
    const key = digestOf(cached, password)
    const flying = flights.get(key)
    // What the directory confirms counts for the account it was asked about: a forgotten one is asked about again
    if (flying && (flying.of === cached || cached.account.hash !== '')) return flying.answer
    return fly(key, cached, check(cached, password, requester))
  }

  /** Unknown users share their checks just as known ones do; otherwise the time would show which names exist. */
  async function checkUnknown(
    name: string,
    password: string,
    requester: Requester = NOBODY,
  ): Promise<void> {
    const key = digester.digest(name, NO_HASH, password)
    await (flights.get(key)?.answer ?? fly(key, undefined, compare(password, NO_HASH, requester)))
  }

  function fly(
    key: string,
    of: CachedAccount | undefined,
    work: Promise<boolean>,
  ): Promise<boolean> {
    const flight = {
      of,
      answer: work.finally(() => {
        if (flights.get(key) === flight) flights.delete(key)
      }),
    }
    flights.set(key, flight)
    return flight.answer
  }

  async function check(
    cached: CachedAccount,
    password: string,
    requester: Requester,
  ): Promise<boolean> {
    const { account } = cached
    const known =
      isSame(cached, password) ||
      (await compare(password, cached.localHash ?? account.hash, requester))
    if (known && !atDirectory.isOverdue(cached)) return true
    return account.hash === '' && atDirectory.ask(cached, password, known)
  }

  /** One place in the queue for all comparisons together, or a "no" would wait longer for one user than for another. */
  function compare(password: string, hash: string, requester: Requester): Promise<boolean> {
    const work = hashWork(hash)
    decoy.observe(work)
    return hasher.compare(password, hash, { decoys: decoy.after(work), requester })
  }

  return {
    isRemembered: (cached, password) => isSame(cached, password) && !atDirectory.isOverdue(cached),
    isFamiliar: isSame,
    // What is verified for another hash or password leaves another digest
    stillHolds: (cached, digest) => cached.digest === digest && !atDirectory.isOverdue(cached),
    isRight,
    remember(cached, password) {
      if (!keepDigest) makeLocalHash(cached, password)
      else if (!isSame(cached, password)) cached.digest = digestOf(cached, password)
    },
    checkUnknown,
  }
}

function checked(options: PasswordCheckOptions) {
  const { digest: keepDigest = true, bcryptCost: localCost = 10, usual = localCost } = options
  const { revalidateInterval = 10_000, expiration = 600_000, now = monotonic } = options
  if (!(Number.isInteger(localCost) && localCost >= MIN_COST && localCost <= MAX_COST)) {
    throw new TypeError(`bcryptCost must be ${MIN_COST} to ${MAX_COST}`)
  }
  if (!(revalidateInterval > 0)) throw new TypeError('revalidateInterval must be positive')
  if (!(expiration >= 0)) throw new TypeError('expiration must not be negative')
  return { keepDigest, localCost, usual, revalidateInterval, expiration, now }
}
