import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import { bcryptCost } from './bcrypt-hash.js'
import type { PasswordHasher, Requester } from './hasher.js'
import { isUsablePassword } from './password.js'
import { checkHashCost, type HashCost } from './password-hash.js'
import {
  digestOf,
  formatPbkdf2,
  KEY_BYTES,
  type Pbkdf2Cost,
  parsePbkdf2,
  SALT_BYTES,
} from './pbkdf2-hash.js'
import { createThreadPool, type Target } from './thread-pool.js'

const NOBODY: Requester = {}
const NO_DECOYS: readonly string[] = []

export interface BcryptPoolOptions {
  /** How many threads hash. @default one per core */
  threads?: number

  /** How many passwords may wait for a thread; for more, one is refused with `ERR_BUSY` (503). @default 256 */
  queue?: number

  /** Whether bcryptjs is used though the native @node-rs/bcrypt is installed. @default false */
  portable?: boolean

  /**
   * How long one may wait: what has waited longer when its turn comes is refused with `ERR_BUSY`, unhashed, since its
   * client has given up or should try again. @default 5_000 (5 seconds)
   */
  patience?: Milliseconds

  /** @default the process's monotonic clock */
  now?: Clock
}

/**
 * Hashes on threads of its own, started when first needed; they do not keep the process alive. bcrypt is computed by
 * @node-rs/bcrypt if it can be loaded, by bcryptjs otherwise. Turns are fair, see `createFairQueue`.
 *
 * @throws TypeError for an option out of range
 */
export function createBcryptPool(options: BcryptPoolOptions = {}): PasswordHasher {
  const { threads = availableParallelism(), queue = 256 } = options
  const { portable = false, patience = 5_000, now = monotonic } = options
  if (!(threads >= 1)) throw new TypeError('threads must be at least 1')
  if (!(queue >= 1)) throw new TypeError('queue must be at least 1')

  const pool = createThreadPool({ threads, queue, portable, patience, now })
  const { submit } = pool

  async function derive(password: string, cost: Pbkdf2Cost, requester: Requester): Promise<string> {
    const { kind, rounds } = cost
    const salt = randomBytes(SALT_BYTES)
    const job = { password, rounds, digest: digestOf(kind), salt, bytes: KEY_BYTES[kind] }
    return formatPbkdf2(cost, salt, await submit<Uint8Array>(job, requester))
  }

  return {
    get running() {
      return pool.running
    },
    get waiting() {
      return pool.waiting
    },
    async hash(password, cost: HashCost, requester = NOBODY) {
      if (!isUsablePassword(password)) throw new TypeError('password must be 1 to 72 bytes, no NUL')
      checkHashCost(cost)
      return typeof cost === 'number'
        ? submit<string>({ password, cost }, requester)
        : derive(password, cost, requester)
    },
    async compare(password, hash, { decoys = NO_DECOYS, requester = NOBODY } = {}) {
      if (!isUsablePassword(password)) return false
      const target = targetOf(hash)
      if (target === undefined && decoys.length === 0) return false
      const others = decoys.map(targetOf).filter((decoy) => decoy !== undefined)
      return submit<boolean>({ password, ...(target && { target }), decoys: others }, requester)
    },
    close: () => pool.close(),
  }
}

function targetOf(hash: string): Target | undefined {
  return bcryptCost(hash) === undefined ? parsePbkdf2(hash) : hash
}
