import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { AuthError } from '../errors.js'
import { type Clock, type Milliseconds, monotonic } from '../time.js'
import { bcryptCost, MAX_COST, MIN_COST } from './bcrypt-hash.js'
import type { PasswordHasher } from './hasher.js'
import { isUsablePassword } from './password.js'

/** What a hashing thread is asked: to make a hash, or to compare with one. */
export type Job =
  | { readonly password: string; readonly cost: number }
  | { readonly password: string; readonly hash: string }

interface Waiting {
  readonly job: Job
  readonly since: Milliseconds
  readonly resolve: (answer: never) => void
  readonly reject: (error: AuthError) => void
}

const WORKER = new URL('./bcrypt-worker.js', import.meta.url)

export interface BcryptPoolOptions {
  /** How many threads hash. @default one per core */
  threads?: number

  /** How many passwords may wait for a thread; more are refused with `ERR_BUSY` (503). @default 256 */
  queue?: number

  /**
   * How long one may wait: what has waited longer when its turn comes is refused with `ERR_BUSY`, unhashed, since its
   * client has given up or is better told to come again. @default 5_000 (5 seconds)
   */
  patience?: Milliseconds

  /** @default the process's monotonic clock */
  now?: Clock
}

/**
 * Hashes with bcryptjs on threads of its own, started when first needed; they do not keep the process alive.
 * First come, first served.
 *
 * @throws TypeError for an option out of range
 */
export function createBcryptPool(options: BcryptPoolOptions = {}): PasswordHasher {
  const { threads = availableParallelism(), queue = 256 } = options
  const { patience = 5_000, now = monotonic } = options
  if (!(threads >= 1)) throw new TypeError('threads must be at least 1')
  if (!(queue >= 1)) throw new TypeError('queue must be at least 1')

  const idle: Worker[] = []
  const waiting: Waiting[] = []
  const running = new Map<Worker, Waiting>()
  let closed = false

  function submit<T>(job: Job): Promise<T> {
    return new Promise((resolve, reject) => {
      if (closed || waiting.length >= queue) return reject(busy())
      waiting.push({ job, since: now(), resolve, reject })
      next()
    })
  }

  /** They came one after the other: the first that is not overdue ends the search. */
  function dropOverdue(): void {
    const latest = now() - patience
    while ((waiting[0]?.since ?? latest) < latest) waiting.shift()?.reject(busy())
  }

  function next(): void {
    dropOverdue()
    if (waiting.length === 0) return
    const worker = idle.pop() ?? (running.size < threads ? start() : undefined)
    if (!worker) return
    const task = waiting.shift() as Waiting
    running.set(worker, task)
    worker.ref()
    worker.postMessage(task.job)
  }

  function start(): Worker {
    // The program's own flags may be for another file than this one (`node --input-type=module -e …`)
    const worker = new Worker(WORKER, { execArgv: [] })
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
    // Whatever it dies of, and whether it was at work: nobody waits for it, and the next gets another thread
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

  return {
    get running() {
      return running.size
    },
    get waiting() {
      return waiting.length
    },
    async hash(password, cost) {
      if (!isUsablePassword(password)) throw new TypeError('password must be 1 to 72 bytes, no NUL')
      if (!Number.isInteger(cost) || cost < MIN_COST || cost > MAX_COST) {
        throw new TypeError(`cost must be ${MIN_COST} to ${MAX_COST}`)
      }
      return submit<string>({ password, cost })
    },
    async compare(password, hash) {
      if (bcryptCost(hash) === undefined || !isUsablePassword(password)) return false
      return submit<boolean>({ password, hash })
    },
    async close() {
      closed = true
      for (const { reject } of waiting.splice(0)) reject(busy())
      const workers = [...idle.splice(0), ...running.keys()]
      for (const { reject } of running.values()) reject(busy())
      running.clear()
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

const busy = () => new AuthError('ERR_BUSY', 'too many passwords wait to be checked, try again')
