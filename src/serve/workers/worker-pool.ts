import { checkProvider } from '../../authn/subjects/provider-sign-in.js'
import type { Config } from '../../config/config.js'
import { AuthError } from '../../errors.js'
import type { Logger } from '../../log/logger.js'
import { type Clock, type Milliseconds, monotonic, pause } from '../../time.js'
import type { ServedDoor } from '../serving-processes.js'
import { encodeConfig } from './config-message.js'
import { handOver, RELOAD_TIMEOUT } from './hand-over.js'
import type { WorkerEnd, WorkerProcess } from './worker-process.js'

/** A worker that ends sooner than this after its start is replaced with a pause that grows. */
const SOON: Milliseconds = 5_000
const FIRST_PAUSE: Milliseconds = 500
const LONGEST_PAUSE: Milliseconds = 30_000

/** How long a worker may take to open its doors. One that takes longer is killed. */
const START_TIMEOUT: Milliseconds = 60_000

/** How often each worker is asked whether it answers, and how long it may take. One that does not is killed. */
const PING_INTERVAL: Milliseconds = 10_000
const PING_TIMEOUT: Milliseconds = 30_000

/** How much longer than the requests in flight a worker may take to end. */
const END_TIMEOUT: Milliseconds = 1_000

export interface WorkerPoolOptions {
  readonly count: number
  readonly config: Config
  readonly fork: () => WorkerProcess
  readonly logger: Logger
  /** Hears of each worker that has served and has ended. */
  readonly onEnd?: (worker: WorkerProcess) => void
  /** Gives up the start. */
  readonly stop?: AbortSignal | undefined
  /** @default the process's monotonic clock */
  readonly now?: Clock
}

/** A number of workers that is kept: one that ends is replaced. The configuration in force is the pool's. */
export interface WorkerPool {
  /** What the first workers have opened. */
  readonly doors: readonly ServedDoor[]
  /** The workers that serve now, with the configuration in force. */
  readonly serving: ReadonlySet<WorkerProcess>
  /**
   * Hands another configuration to all. A worker that does not take it in time is killed; its replacement gets it.
   *
   * @throws AuthError if the first worker refuses it, or none answers; all go on as before then
   */
  reload(config: Config): Promise<void>
  /**
   * Hands a configuration of which only `[oidc]` differs to all of them at once, so that none waits for another. A worker
   * that does not take it is killed; its replacement gets it.
   *
   * @throws AuthError if the provider's `ca` cannot be used; all go on as before then
   */
  useProvider(config: Config): Promise<void>
  /** Has all finish their requests, and kills those that have not ended soon after `patience`. */
  close(patience: Milliseconds): Promise<void>
}

/** @throws AuthError why a worker could not start; none is left then */
export async function startWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const { count, fork, logger, onEnd = () => {}, stop, now = monotonic } = options
  const serving = new Set<WorkerProcess>()
  const starting = new Set<WorkerProcess>()
  const closing = new AbortController()
  let config = options.config

  /** Resolves when the worker serves with the configuration in force. */
  async function open(worker: WorkerProcess): Promise<readonly ServedDoor[]> {
    await worker.ready
    let given = config
    const doors = await worker.call('start', encodeConfig(given), START_TIMEOUT)
    while (given !== config) {
      given = config
      await worker.call('reload', encodeConfig(given), RELOAD_TIMEOUT)
    }
    return doors
  }

  /** One worker's life. Rejects if it never served. */
  async function live(onServing: (doors: readonly ServedDoor[]) => void): Promise<WorkerEnd> {
    const worker = fork()
    starting.add(worker)
    try {
      onServing(await started(worker, open(worker)))
      serving.add(worker)
    } catch (error) {
      worker.kill()
      throw error
    } finally {
      starting.delete(worker)
    }
    void watch(worker)
    const end = await worker.ended
    serving.delete(worker)
    onEnd(worker)
    if (!closing.signal.aborted) {
      const { code, signal, error } = end
      logger.error({ pid: worker.pid, code, signal, err: error }, REPLACED)
    }
    return end
  }

  /** Keeps one worker running. The first one must serve. */
  async function keep(onServing: (doors: readonly ServedDoor[]) => void): Promise<void> {
    let wait = FIRST_PAUSE
    let hasServed = false
    let isTold = false // what is wrong is logged once, however long it lasts
    while (!closing.signal.aborted) {
      const born = now()
      try {
        await live((doors) => {
          hasServed = true
          isTold = false
          onServing(doors)
        })
      } catch (error) {
        if (!hasServed) throw error
        if (!isTold && !closing.signal.aborted) logger.error({ err: error }, NOT_STARTED)
        isTold = true
      }
      if (now() - born >= SOON && !isTold) wait = FIRST_PAUSE
      await pause(wait, closing.signal)
      wait = Math.min(2 * wait, LONGEST_PAUSE)
    }
  }

  /** Kills a worker; its replacement gets the configuration in force. */
  function giveUp(worker: WorkerProcess, error: unknown): void {
    logger.warn({ pid: worker.pid, err: error }, KILLED)
    worker.kill()
  }

  /** Kills a worker that hangs, sooner or later. */
  async function watch(worker: WorkerProcess): Promise<void> {
    const over = new AbortController()
    void worker.ended.then(() => over.abort())
    while (!over.signal.aborted) {
      await pause(PING_INTERVAL, over.signal)
      const answer = worker.call('ping', undefined, PING_TIMEOUT)
      await answer.catch((error) => over.signal.aborted || giveUp(worker, error))
    }
  }

  async function close(patience: Milliseconds): Promise<void> {
    closing.abort()
    for (const worker of starting) worker.kill()
    await Promise.all([...serving].map((worker) => end(worker, patience)))
  }

  const first = Array.from(
    { length: count },
    () =>
      new Promise<readonly ServedDoor[]>((resolve, reject) => {
        keep(resolve).catch(reject)
      }),
  )
  const doors = await Promise.race([Promise.all(first), aborted(stop)]).catch(async (error) => {
    await close(0)
    throw error
  })

  return {
    doors: doors[0] ?? [],
    serving,
    async reload(next) {
      // From the moment that one has taken it, new workers start with it
      const onTaken = () => {
        config = next
      }
      await handOver(serving, encodeConfig(next), onTaken, giveUp)
    },
    async useProvider(next) {
      checkProvider(next.oidc)
      config = next
      const message = encodeConfig(next)
      const take = (worker: WorkerProcess) => worker.call('useProvider', message, RELOAD_TIMEOUT)
      await Promise.all(
        [...serving].map((worker) => take(worker).catch((error) => giveUp(worker, error))),
      )
    },
    close,
  }
}

const REPLACED = 'worker process ended; starting a replacement'
const KILLED = 'worker process hangs, or did not take the configuration: it is killed'
const NOT_STARTED = 'a worker process cannot be started; trying again'

/** What `opening` resolves to; rejects too when the worker ends before. */
async function started<T>(worker: WorkerProcess, opening: Promise<T>): Promise<T> {
  const late = setTimeout(worker.kill, START_TIMEOUT)
  opening.then(
    () => clearTimeout(late),
    () => clearTimeout(late), // the reason why it has ended says more
  )
  const failed = worker.ended.then(({ error, code, signal }) => {
    clearTimeout(late)
    if (error) throw error
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`
    throw new AuthError('ERR_CONFIG_INVALID', `a worker process ${how} before it served`)
  })
  return Promise.race([opening, failed])
}

/** Rejects when the signal comes. */
function aborted(stop: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(stop?.reason)
    if (stop?.aborted) fail()
    else stop?.addEventListener('abort', fail, { once: true })
  })
}

/** Has a worker finish its requests, and waits until it is gone. */
async function end(worker: WorkerProcess, patience: Milliseconds): Promise<void> {
  const late = setTimeout(worker.kill, patience + END_TIMEOUT)
  worker.call('close', undefined, patience + END_TIMEOUT).then(worker.letGo, worker.kill)
  await worker.ended
  clearTimeout(late)
}
