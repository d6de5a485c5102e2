import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { AuthError } from '../../errors.js'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import { createFairQueue } from '../fair-queue.js'
import { bcryptCost } from './bcrypt-hash.js'
import type { PasswordHasher, Requester } from './hasher.js'
import { isUsablePassword } from './password.js'
import { checkHashCost, type HashCost } from './password-hash.js'
import {
  digestOf,
  formatPbkdf2,
  KEY_BYTES,
  type Pbkdf2Cost,
  type Pbkdf2Hash,
  parsePbkdf2,
  SALT_BYTES,
} from './pbkdf2-hash.js'

/** A hash to compare with: bcrypt's as it stands, PBKDF2's taken apart. */
export type Target = string | Pbkdf2Hash

/** What a hashing thread is asked: to make a hash by bcrypt or PBKDF2, or to compare with hashes. */
export type Job =
  | { readonly password: string; readonly cost: number }
  | (Pick<Pbkdf2Hash, 'rounds' | 'digest' | 'salt'> & {
      readonly password: string
      readonly bytes: number
    })
  | { readonly password: string; readonly target?: Target; readonly decoys: readonly Target[] }

interface Waiting {
  readonly job: Job
  readonly since: Milliseconds
  readonly resolve: (answer: never) => void
  readonly reject: (error: AuthError) => void
}

const NOBODY: Requester = {}
const NO_DECOYS: readonly string[] = []

const WORKER = new URL('./bcrypt-worker.js', import.meta.url)

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

  const idle: Worker[] = []
  const waiting = createFairQueue<Waiting>(queue)
  const running = new Map<Worker, Waiting>()
  let closed = false

  function submit<T>(job: Job, requester: Requester): Promise<T> {
    return new Promise((resolve, reject) => {
      if (closed) return reject(busy())
      dropOverdue()
      waiting.push({ job, since: now(), resolve, reject }, requester)?.reject(busy())
      next()
    })
  }

  function dropOverdue(): void {
    const latest = now() - patience
    for (const { reject } of waiting.dropWhile(({ since }) => since < latest)) reject(busy())
  }

  function next(): void {
    dropOverdue()
    if (waiting.size === 0) return
    const worker = idle.pop() ?? (running.size < threads ? start() : undefined)
    if (!worker) return
    const task = waiting.shift() as Waiting
    running.set(worker, task)
    worker.ref()
    worker.postMessage(task.job)
  }

  function start(): Worker {
    // The program's own flags may be for another file than this one (`node --input-type=module -e …`)
    const worker = new Worker(WORKER, { execArgv: [], workerData: { portable } })
    worker.on('message', (answer: unknown) => {
      const task = running.get(worker)
      running.delete(worker)
      worker.unref()
      idle.push(worker)
      task?.resolve(answer as never)
      next()
    })
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    // Whatever it died of: its task is refused, and the next one gets another thread
    worker.on('exit', () => {
      const task = running.get(worker)
      running.delete(worker)
      const place = idle.indexOf(worker)
      if (place >= 0) idle.splice(place, 1)
      task?.reject(new AuthError('ERR_BUSY', 'password check failed, try again', { cause }))
      next()
    })
    return worker
  }

  async function derive(password: string, cost: Pbkdf2Cost, requester: Requester): Promise<string> {
    const { kind, rounds } = cost
    const salt = randomBytes(SALT_BYTES)
    const job = { password, rounds, digest: digestOf(kind), salt, bytes: KEY_BYTES[kind] }
    return formatPbkdf2(cost, salt, await submit<Uint8Array>(job, requester))
  }

  return {
    get running() {
      return running.size
    },
    get waiting() {
      return waiting.size
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
    async close() {
      closed = true
      for (const { reject } of waiting.clear()) reject(busy())
      const workers = [...idle.splice(0), ...running.keys()]
      for (const { reject } of running.values()) reject(busy())
      running.clear()
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function targetOf(hash: string): Target | undefined {
  return bcryptCost(hash) === undefined ? parsePbkdf2(hash) : hash
}

const busy = () => new AuthError('ERR_BUSY', 'too many passwords wait to be checked, try again')
