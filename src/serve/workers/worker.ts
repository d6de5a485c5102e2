import cluster from 'node:cluster'
import type { Config } from '../../config/config.js'
import { AuthError } from '../../errors.js'
import type { Logger } from '../../log/logger.js'
import type { LeveledLogger } from '../../log/pino-logger.js'
import type { Milliseconds } from '../../time.js'
import { type Instance, startInstance } from '../instance.js'
import { openAccounts } from '../meta-node/accounts.js'
import { decodeConfig } from './config-message.js'
import { answerCalls, type Channel, createCaller } from './ipc.js'
import type { PrimaryCalls, WorkerCalls, WorkerReady } from './worker-calls.js'

/** How long the primary may take to answer. */
const ANSWER_TIMEOUT: Milliseconds = 2_000

/** A worker process: waits for the primary's calls, and ends with it. It reads no configuration of its own. */
export function runWorker(logger: LeveledLogger): void {
  // Node's own messages to a primary that has just died have no callback either; `disconnect` follows
  cluster.worker?.on('error', () => {})
  let served: Served | undefined
  const primary = process as Channel
  const call = createCaller<PrimaryCalls>(primary)
  // Where it does not answer, the subscriptions are looked at a little later, as they are without being told
  const onPolicyChange = () => void call('policyChange', undefined, ANSWER_TIMEOUT).catch(() => {})
  const instance = (): Instance => {
    if (!served) throw new AuthError('ERR_BUSY', 'the process is starting')
    return served.instance
  }
  let closed: Promise<void> | undefined
  const close = async () => {
    closed ??= served?.close()
    await closed
  }
  const calls: WorkerCalls = {
    async start(message) {
      const config = decodeConfig(message)
      logger.setLevel(config.logging.level)
      served = await startServing(config, logger, onPolicyChange)
      return served.instance.doors
    },
    async reload(message) {
      const config = decodeConfig(message)
      await instance().reload(config)
      logger.setLevel(config.logging.level)
    },
    useProvider: async (message) => instance().useProvider(decodeConfig(message)),
    reopen: async () => instance().reopen(),
    ping: () => {},
    readiness: async () => instance().administered.readiness(),
    snapshot: async () => instance().snapshot(),
    purge: async (user) => instance().administered.purge(user),
    async explain(question) {
      const answer = await instance().administered.explain(question)
      if (answer instanceof AuthError) throw answer
      return answer
    },
    close,
  }
  answerCalls(primary, calls, (error) => logger.error({ err: error }, 'worker process'))
  process.once('disconnect', () => void close().finally(() => process.exit()))
  primary.send?.({ ready: true } satisfies WorkerReady, () => {}) // if the primary is gone, `disconnect` follows
}

interface Served {
  readonly instance: Instance
  close(): Promise<void>
}

async function startServing(
  config: Config,
  logger: Logger,
  onPolicyChange: () => void,
): Promise<Served> {
  const accounts =
    config.auth.metaAddr.length === 0
      ? await openAccounts(config, { isChecked: true, log: logger })
      : undefined
  try {
    const instance = await startInstance(config, { logger, embedded: accounts, onPolicyChange })
    return {
      instance,
      async close() {
        await instance.close()
        await accounts?.close()
      },
    }
  } catch (error) {
    await accounts?.close()
    throw error
  }
}
