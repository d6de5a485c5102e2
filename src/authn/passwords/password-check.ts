import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import type { CachedAccount } from '../cache/cached-account.js'
import type { Directory } from '../directory/directory.js'
import { MAX_COST, MIN_COST } from './bcrypt-hash.js'
import { createDecoy } from './decoy.js'
import type { PasswordHasher, Requester } from './hasher.js'
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

  /** How the directory is known to hash, so that an unknown user is answered as slowly from the start. @default it is not */
  usual?: HashCost | undefined

  /** For how long a directory's word on the password of a user without a hash is taken. @default 10_000 */
  revalidateInterval?: Milliseconds

  /** For how long it is taken while the directory is out of reach. @default 600_000 (10 minutes) */
  expiration?: Milliseconds

  /** @default the process's monotonic clock */
  now?: Clock
}

export interface PasswordCheck {
  /** Whether it is the password that was verified last: known at once, without hashing. */
  isRemembered(cached: CachedAccount, password: string): boolean

  /** Whether the password that left this digest on an account still is this account's, as far as is known. */
  stillHolds(cached: CachedAccount, digest: PasswordDigest): boolean

  /**
   * Whether it is the password that was verified last, be it that the directory is to be asked again: whether it can
   * be checked without hashing.
   */
  isFamiliar(cached: CachedAccount, password: string): boolean

  /**
   * Whether it is the account's password. Rejects with `ERR_BUSY`, or as the directory does.
   *
   * @param requester who waits for it, for his turn @default nobody in particular
   */
  isRight(cached: CachedAccount, password: string, requester?: Requester): Promise<boolean>

  /** Remembers on `cached` that the password was found right for its hash. */
  remember(cached: CachedAccount, password: string): void

  /** Takes as long as checking a wrong password of any account: for a name that nobody has. */
  burn(name: string, password: string, requester?: Requester): Promise<void>
}

const NOBODY: Requester = {}

const NEVER = { confirmedAt: Number.NEGATIVE_INFINITY }

/** In place of the hash of a name that nobody has. */
const NO_HASH = '*'

/** A check under way. */
interface Flight {
  readonly of: CachedAccount | undefined
  readonly answer: Promise<boolean>
}

/**
 * The question whether a password is an account's: digest first, then its hash, off the main thread.
 *
 * @throws TypeError for an option out of range
 */
export function createPasswordCheck(
  directory: Directory,
  hasher: PasswordHasher,
  options: PasswordCheckOptions = {},
): PasswordCheck {
  const {
    digest: keepDigest = true,
    bcryptCost: localCost = 10,
    usual = localCost,
    revalidateInterval = 10_000,
    expiration = 600_000,
    now = monotonic,
  } = options
  if (!(Number.isInteger(localCost) && localCost >= MIN_COST && localCost <= MAX_COST)) {
    throw new TypeError(`bcryptCost must be ${MIN_COST} to ${MAX_COST}`)
  }
  if (!(revalidateInterval > 0)) throw new TypeError('revalidateInterval must be positive')
  if (!(expiration >= 0)) throw new TypeError('expiration must not be negative')

  const digester = createPasswordDigester()
  const decoy = createDecoy(workOf(localCost))
  decoy.meet(workOf(usual))
  /** By the digest of what they check: the same question is asked once. */
  const flights = new Map<string, Flight>()
  /** The accounts whose `localHash` is being made. */
  const hashing = new WeakSet<CachedAccount>()

  const digestOf = ({ account }: CachedAccount, password: string) =>
    digester.digest(account.user.name, account.hash, password)

  /** A user without a hash: only the directory can tell, and what it said grows old. */
  const isOverdue = ({ account, word }: CachedAccount) =>
    account.hash === '' && !(word && now() < word.askAgainAt)

  function isSame(cached: CachedAccount, password: string): boolean {
    return cached.digest !== undefined && digester.equal(cached.digest, digestOf(cached, password))
  }

  function isRemembered(cached: CachedAccount, password: string): boolean {
    return isSame(cached, password) && !isOverdue(cached)
  }

  /** What is verified for another hash or password leaves another digest. */
  function stillHolds(cached: CachedAccount, digest: PasswordDigest): boolean {
    return cached.digest === digest && !isOverdue(cached)
  }

  function isRight(
    cached: CachedAccount,
    password: string,
    requester: Requester = NOBODY,
  ): Promise<boolean> {
    const key = digestOf(cached, password)
    const flying = flights.get(key)
    // The directory's word counts for the account it was asked about: a forgotten one is asked about again
    if (flying && (flying.of === cached || cached.account.hash !== '')) return flying.answer
    return fly(key, cached, check(cached, password, requester))
  }

  /** Unknown users share their checks just as known ones do, or they could be told apart by it. */
  async function burn(
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
    if (known && !isOverdue(cached)) return true
    return account.hash === '' && askDirectory(cached, password, known)
  }

  /** In one turn whatever it is compared with, or a «no» would wait longer for one user than for another. */
  function compare(password: string, hash: string, requester: Requester): Promise<boolean> {
    const work = hashWork(hash)
    decoy.meet(work)
    return hasher.compare(password, hash, { decoys: decoy.after(work), requester })
  }

  /** @param known whether it is the password that the directory last called right */
  async function askDirectory(
    cached: CachedAccount,
    password: string,
    known: boolean,
  ): Promise<boolean> {
    const asked = now()
    const before = cached.word
    try {
      const right = await directory.checkPassword(cached.account.user.name, password)
      if (right !== known) cached.digest = cached.localHash = undefined // of another password
      if (right) {
        cached.word = { confirmedAt: asked, askAgainAt: asked + revalidateInterval }
      }
      return right
    } catch (error) {
      // Out of reach: the directory's word on this very password is good for a while
      const { confirmedAt } = before ?? NEVER
      const expires = confirmedAt + expiration
      // Its word may have come for another password meanwhile
      if (!known || cached.word !== before || asked >= expires) throw error
      const askAgainAt = Math.min(now() + revalidateInterval, expires)
      cached.word = { confirmedAt, askAgainAt }
      return true
    }
  }

  function remember(cached: CachedAccount, password: string): void {
    if (keepDigest) {
      if (!isSame(cached, password)) cached.digest = digestOf(cached, password)
    } else if (cached.localHash === undefined && !isAtOwnCost(cached.account.hash)) {
      makeLocalHash(cached, password)
    }
  }

  function isAtOwnCost(hash: string): boolean {
    const work = hashWork(hash)
    return work?.kind === 'bcrypt' && work.rounds === 2 ** localCost
  }

  /** In the background, and not at all while the hasher is busy. */
  function makeLocalHash(cached: CachedAccount, password: string): void {
    if (hashing.has(cached)) return
    hashing.add(cached)
    hasher
      .hash(password, localCost, { name: cached.account.user.name })
      .then(
        (hash) => {
          cached.localHash = hash
        },
        () => {},
      )
      .finally(() => hashing.delete(cached))
  }

  return { isRemembered, isFamiliar: isSame, stillHolds, isRight, remember, burn }
}
