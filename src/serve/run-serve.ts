import cluster from 'node:cluster'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'
import type { Logger } from '../log/logger.js'
import { createLogger, type LeveledLogger } from '../log/pino-logger.js'
import { print } from '../text/standard-output.js'
import type { FirstAdmin } from './meta-node/make-first-admin.js'
import { type Serving, serve } from './serve.js'
import { catchSignals, type Signals } from './signals.js'
import { firstStart, welcome } from './welcome.js'
import { runWorker } from './workers/worker.js'

/**
 * The command: serves until it is told to stop. SIGHUP has it read the configuration again.
 *
 * @param caught the signals, if they are caught already
 */
export async function runServe(load: () => Config, caught?: Signals): Promise<void> {
  const logger = createLogger()
  if (cluster.isWorker) return runWorker(logger)
  const signals = caught ?? catchSignals()
  let serving: Serving
  try {
    const config = load()
    logger.setLevel(config.logging.level)
    serving = await startAndWelcome(config, logger, signals.stop)
  } catch (error) {
    if (!signals.stop.aborted) throw error
    logger.info({}, 'stopped during the start')
    return
  }
  signals.onHangUp(() => reload(serving, load, logger))
  const signal = await signals.stopped
  signals.ignoreHangUps()
  logger.info({ signal }, 'stopping: requests in flight are finished')
  await serving.close()
}

/** Reads the configuration again, and opens files again whether or not it can be used. */
async function reload(serving: Serving, load: () => Config, logger: LeveledLogger): Promise<void> {
  try {
    const next = load()
    // A signal that changes nothing, as after each rotation of a log, repeats none
    if (serving.isNews(next)) for (const warning of next.warnings) logger.warn({}, warning)
    for (const key of await serving.reload(next)) {
      logger.warn({ key }, 'the new value takes effect after a restart')
    }
    logger.setLevel(next.logging.level)
    logger.info({}, 'configuration reloaded')
  } catch (error) {
    serving.refuseReload()
    const problems = error instanceof AuthError ? error.message.split('\n') : undefined
    logger.error(problems ? { problems } : { err: error }, 'reload failed; configuration unchanged')
  }
  await serving
    .reopen()
    .catch((error) => logger.error({ err: error }, 'files could not be opened again'))
}

/** A function of its own, so that the password of a first start can be collected as garbage. */
async function startAndWelcome(
  config: Config,
  logger: Logger,
  stop: AbortSignal,
): Promise<Serving> {
  let firstAdmin: FirstAdmin | undefined
  const announce = (first: FirstAdmin) => {
    firstAdmin = first
    return print(firstStart(first))
  }
  const serving = await serve(config, logger, { announce, stop })
  const { api, metaNode, admin } = serving
  const { doors } = api
  const isAdminMissing = (await metaNode?.hasAdministrator().catch(() => true)) === false
  await print(
    welcome(config, { doors, metaNode, admin: firstAdmin, adminUrl: admin?.url, isAdminMissing }),
  )
  return serving
}
