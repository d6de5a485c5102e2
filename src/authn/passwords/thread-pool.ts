import { Worker } from 'node:worker_threads'
import { AuthError } from '../../errors.js'
import type { Clock, Milliseconds } from '../../time.js'
import { createFairQueue } from '../fair-queue.js'
import type { Requester } from './hasher.js'
import type { Pbkdf2Hash } from './pbkdf2-hash.js'

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

export interface ThreadPoolOptions {
  /** How many threads there are. */
  readonly threads: number
  /** How many jobs may wait for a thread; for more, one is refused with `ERR_BUSY` (503). */
  readonly queue: number
  /** Whether bcryptjs is used though the native engine is installed. */
  readonly portable: boolean
  /** How long a job may wait before it is refused with `ERR_BUSY` when its turn comes. */
  readonly patience: Milliseconds
  readonly now: Clock
}

interface Waiting {
  readonly job: Job
  readonly since: Milliseconds
  readonly resolve: (answer: never) => void
  readonly reject: (error: AuthError) => void
}

const WORKER = new URL('./bcrypt-worker.js', import.meta.url)

/** Threads for hashing, started when first needed; they do not keep the process alive. Turns are fair. */
export function createThreadPool(options: ThreadPoolOptions) {
  const { threads, queue, portable, patience, now } = options
  const idle: Worker[] = []
  const waiting = createFairQueue<Waiting>(queue)
  const running = new Map<Worker, Waiting>()
  let closed = false

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

  return {
    get running() {
      return running.size
    },
    get waiting() {
      return waiting.size
    },
    /** Does a job on a thread. Rejects with `ERR_BUSY`. */
    submit<T>(job: Job, requester: Requester): Promise<T> {
      return new Promise((resolve, reject) => {
        if (closed) return reject(busy())
        dropOverdue()
        waiting.push({ job, since: now(), resolve, reject }, requester)?.reject(busy())
        next()
      })
    },
    async close(): Promise<void> {
      closed = true
      for (const { reject } of waiting.clear()) reject(busy())
      const workers = [...idle.splice(0), ...running.keys()]
      for (const { reject } of running.values()) reject(busy())
      running.clear()
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

const busy = () => new AuthError('ERR_BUSY', 'too many passwords wait to be checked, try again')
