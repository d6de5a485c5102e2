import { availableParallelism } from 'node:os'
import type { Administered, Part } from '../../admin/administered.js'
import type { Config } from '../../config/config.js'
import { AuthError } from '../../errors.js'
import type { Logger } from '../../log/logger.js'
import type { Milliseconds } from '../../time.js'
import type { ServingProcesses } from '../serving-processes.js'
import { shareOf } from './process-share.js'
import { createWorkerMetrics } from './worker-metrics.js'
import { startWorkerPool } from './worker-pool.js'
import { forkWorker, type WorkerProcess } from './worker-process.js'

/** How long a worker may take to answer; to an explanation, for which a meta node may have to be asked. */
const ANSWER_TIMEOUT: Milliseconds = 2_000
const EXPLAIN_TIMEOUT: Milliseconds = 10_000

/** How many workers `[http] workers` asks for. The sample API keeps its tasks in one process. */
export function workerCount({ http, gateway }: Config): number {
  if (gateway.kapacitorUrl === '') return 1
  return http.workers || availableParallelism()
}

export interface WorkersOptions {
  /** Hears when a query made, changed or dropped databases or retention policies of InfluxDB. */
  readonly onPolicyChange: () => void
  /** Gives up the start. */
  readonly stop?: AbortSignal | undefined
}

/**
 * Serves from several processes, which share the ports.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if they cannot start
 */
export async function startWorkers(
  config: Config,
  logger: Logger,
  { onPolicyChange, stop }: WorkersOptions,
): Promise<ServingProcesses> {
  const count = workerCount(config)
  const metrics = createWorkerMetrics<WorkerProcess>()
  let { shutdownTimeout } = config.http
  const pool = await startWorkerPool({
    count,
    config: shareOf(config, count),
    fork: () => forkWorker({ policyChange: onPolicyChange }),
    logger,
    onEnd: metrics.keep,
    stop,
  })

  /** What each worker that answers in time answers. */
  async function answers<T>(ask: (worker: WorkerProcess) => Promise<T>): Promise<T[]> {
    const all = await Promise.allSettled([...pool.serving].map(ask))
    return all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  /** @throws AuthError `ERR_BUSY` unless all of them did it */
  async function all(ask: (worker: WorkerProcess) => Promise<void>): Promise<void> {
    const asked = pool.serving.size
    const { length } = await answers(ask)
    if (length < asked) {
      throw new AuthError('ERR_BUSY', `${asked - length} of ${asked} processes do not answer`)
    }
  }

  const administered: Administered = {
    async readiness() {
      const parts = await answers(({ call }) => call('readiness', undefined, ANSWER_TIMEOUT))
      const reason = `${parts.length} of ${count} answer`
      return [{ name: 'workers', ready: parts.length === count, reason }, ...worst(parts)]
    },
    async metrics(others) {
      await answers(async (worker) => {
        metrics.note(worker, await worker.call('snapshot', undefined, ANSWER_TIMEOUT))
      })
      return metrics.text(others)
    },
    purge: (user) => all(({ call }) => call('purge', user, ANSWER_TIMEOUT)),
    async explain(question) {
      const asked = [...pool.serving].map(async ({ call }) => {
        try {
          return await call('explain', question, EXPLAIN_TIMEOUT)
        } catch (error) {
          if (!(error instanceof AuthError) || error.code === 'ERR_BUSY') throw error
          return error
        }
      })
      const none = () => new AuthError('ERR_BUSY', 'no process answers, try again')
      return Promise.any(asked).catch(none)
    },
  }
  return {
    doors: pool.doors.map((door) => ({
      ...door,
      description: `${door.description}, by ${count} processes`,
    })),
    url: pool.doors[0]?.url ?? '',
    administered,
    async reload(next) {
      await pool.reload(shareOf(next, count))
      shutdownTimeout = next.http.shutdownTimeout
    },
    useProvider: (next) => pool.useProvider(shareOf(next, count)),
    reopen: () => all(({ call }) => call('reopen', undefined, ANSWER_TIMEOUT)),
    close: () => pool.close(shutdownTimeout),
  }
}

/** Of each part the one that is not ready, if there is one. */
export function worst(reports: readonly (readonly Part[])[]): Part[] {
  const parts = new Map<string, Part>()
  for (const part of reports.flat()) {
    if (parts.get(part.name)?.ready !== false) parts.set(part.name, part)
  }
  return [...parts.values()]
}
