import { AuthError } from '../../errors.js'
import type { Milliseconds } from '../../time.js'
import type { WorkerProcess } from './worker-process.js'

/** How long a worker may take to go on with another configuration. */
export const RELOAD_TIMEOUT: Milliseconds = 10_000

/**
 * Hands a configuration, as `encodeConfig` writes it, to workers: to one first, and when that one has taken it, to the
 * others.
 *
 * @param onTaken called when the first one has taken it
 * @param giveUp called with each worker that did not answer in time, or refused what the first one took
 * @throws AuthError why the first one that answered refuses it; `ERR_BUSY` if none answers
 */
export async function handOver(
  workers: Iterable<WorkerProcess>,
  config: string,
  onTaken: () => void,
  giveUp: (worker: WorkerProcess, error: unknown) => void,
): Promise<void> {
  const take = (worker: WorkerProcess) => worker.call('reload', config, RELOAD_TIMEOUT)
  const left = new Set(workers)
  let isTaken = false
  for (const worker of left) {
    left.delete(worker)
    try {
      await take(worker)
      isTaken = true
      break
    } catch (error) {
      if (!(error instanceof AuthError && error.code === 'ERR_BUSY')) throw error
      giveUp(worker, error)
    }
  }
  if (!isTaken) throw new AuthError('ERR_BUSY', 'no worker process answers')
  onTaken()
  await Promise.all([...left].map((worker) => take(worker).catch((error) => giveUp(worker, error))))
}
