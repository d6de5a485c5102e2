import cluster, { type Worker } from 'node:cluster'
import { availableParallelism } from 'node:os'
import type { Administered, Part } from '../admin/administered.js'
import { type MetricsSnapshot, mergeMetrics } from '../admin/metrics.js'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'
import type { Logger } from '../log/logger.js'
import type { Milliseconds } from '../time.js'
import { type Ask, createAsk } from './ipc.js'
import type { ServingProcesses } from './serving-processes.js'
import type { WorkerStarted } from './worker.js'

/** A worker that dies sooner than this after its start is replaced with a pause. */
const SOON: Milliseconds = 5_000
const FIRST_PAUSE: Milliseconds = 500
const LONGEST_PAUSE: Milliseconds = 30_000

interface Member {
  readonly worker: Worker
  readonly ask: Ask
  readonly started: WorkerStarted['started']
}

/** How many workers `[http] workers` asks for. The sample API keeps its tasks in one process. */
export function workerCount({ http, gateway }: Config): number {
  if (gateway.kapacitorUrl === '') return 1
  return http.workers || availableParallelism()
}

/**
 * Serves from several processes: forks of this one, with its arguments and environment, which share the port.
 * One that dies is replaced.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if they cannot start; each has said why on standard error
 */
export async function startWorkers(config: Config, logger: Logger): Promise<ServingProcesses> {
  const count = workerCount(config)
  const members = new Set<Member>()
  let closing = false
  let pause = FIRST_PAUSE

  async function start(): Promise<Member> {
    const worker = cluster.fork()
    const born = performance.now()
    const ask = createAsk(worker)
    const started = await startOf(worker)
    const member = { worker, ask, started }
    members.add(member)
    worker.once('exit', (code, signal) => {
      members.delete(member)
      if (closing) return
      logger.error({ pid: worker.process.pid, code, signal }, 'a worker has ended, and is replaced')
      if (performance.now() - born >= SOON) pause = FIRST_PAUSE
      replace()
    })
    if (closing) void end(member) // another one could not start
    return member
  }

  function replace(): void {
    const wait = pause
    pause = Math.min(2 * pause, LONGEST_PAUSE)
    setTimeout(() => {
      if (!closing) start().catch(replace)
    }, wait)
  }

  async function close(): Promise<void> {
    closing = true
    await Promise.all([...members].map(end))
  }

  const [one] = await Promise.all(Array.from({ length: count }, start)).catch(async (error) => {
    await close()
    throw error
  })
  const each = (name: string, argument?: unknown) =>
    Promise.all([...members].map(({ ask }) => ask(name, argument)))
  const any = (): Member => {
    const [member] = members
    if (!member) throw new AuthError('ERR_BUSY', 'no worker is running')
    return member
  }

  const administered: Administered = {
    async readiness() {
      const workers = {
        name: 'workers',
        ready: members.size === count,
        reason: `${members.size} of ${count} are running`,
      }
      const parts = (await each('readiness')) as Part[][]
      return [workers, ...worst(parts)]
    },
    metrics: async () => mergeMetrics((await each('snapshot')) as MetricsSnapshot[]),
    async purge(user) {
      await each('purge', user)
    },
    async explain(question) {
      try {
        return (await any().ask('explain', question)) as never
      } catch (error) {
        if (error instanceof AuthError) return error
        throw error
      }
    },
  }
  return {
    doors: (one?.started ?? []).map((door) => ({
      ...door,
      description: `${door.description}, by ${count} processes`,
    })),
    url: one?.started[0]?.url ?? '',
    administered,
    async reload() {
      // All of them read the same file; the first one tries
      const [tries, ...others] = [...members]
      await tries?.ask('reload')
      for (const { ask } of others) await ask('reload')
    },
    reopen: async () => void (await each('reopen')),
    close,
  }
}

/** Of each part the one that is not ready, if there is one. */
function worst(reports: readonly (readonly Part[])[]): Part[] {
  const parts = new Map<string, Part>()
  for (const part of reports.flat()) {
    if (parts.get(part.name)?.ready !== false) parts.set(part.name, part)
  }
  return [...parts.values()]
}

/** Resolves when the worker serves. */
function startOf(worker: Worker): Promise<WorkerStarted['started']> {
  return new Promise((resolve, reject) => {
    const exit = () =>
      reject(new AuthError('ERR_CONFIG_INVALID', 'a worker process could not start'))
    worker.once('exit', exit)
    worker.on('message', (message: Partial<WorkerStarted>) => {
      if (message?.started === undefined) return
      worker.off('exit', exit)
      resolve(message.started)
    })
  })
}

/** Lets it finish, and waits until it is gone. */
function end({ worker, ask }: Member): Promise<void> {
  return new Promise((resolve) => {
    if (worker.isDead()) return resolve()
    worker.once('exit', () => resolve())
    ask('close').then(
      () => worker.disconnect(),
      () => worker.kill(),
    )
  })
}
