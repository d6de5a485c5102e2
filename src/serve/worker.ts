import cluster from 'node:cluster'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'
import type { Logger } from '../log/logger.js'
import { openAccounts } from './accounts.js'
import { startInstance } from './instance.js'
import { answerCalls, type Channel } from './ipc.js'
import type { ServedDoor } from './serving-processes.js'

/** What a worker tells when it serves. */
export interface WorkerStarted {
  readonly started: readonly ServedDoor[]
}

/** A worker process: serves until the primary lets it go, or is gone. */
export async function runWorker(load: () => Config, logger: Logger): Promise<void> {
  try {
    await startWorker(load, logger)
  } catch (error) {
    process.disconnect?.() // or the channel would keep a process alive that serves nothing
    throw error
  }
}

async function startWorker(load: () => Config, logger: Logger): Promise<void> {
  const config = load()
  const channel = process as Channel
  // Node's own messages to a primary that has just died have no callback either; `disconnect` follows
  cluster.worker?.on('error', () => {})
  // Ctrl-C reaches the whole group: it is the primary that decides
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const accounts = config.auth.metaAddr.length === 0 ? await openAccounts(config) : undefined
  const instance = await startInstance(config, { logger, embedded: accounts })
  const { administered } = instance

  async function close(): Promise<void> {
    await instance.close()
    await accounts?.close()
  }
  answerCalls(channel, {
    readiness: () => administered.readiness(),
    snapshot: () => instance.snapshot(),
    purge: (user?: string) => administered.purge(user),
    async explain(question: never) {
      const answer = await administered.explain(question)
      if (answer instanceof AuthError) throw answer
      return answer
    },
    reload: () => instance.reload(load()),
    reopen: () => instance.reopen(),
    close,
  })
  process.once('disconnect', () => void close().finally(() => process.exit()))
  channel.send?.({ started: instance.doors } satisfies WorkerStarted, () => {}) // who is not heard is let go: `disconnect`
}
