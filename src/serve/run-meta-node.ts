import type { Config } from '../config/config.js'
import type { Logger } from '../log/logger.js'
import { createLogger } from '../log/pino-logger.js'
import { print } from '../text/print.js'
import { type EmbeddedMetaNode, type FirstAdmin, startMetaNode } from './embedded-meta-node.js'
import { catchSignals, type Signals } from './signals.js'
import { firstStart, welcome } from './welcome.js'

/** The command: runs the meta node alone until it is told to stop. SIGHUP opens its certificate anew. */
export async function runMetaNode(config: Config, caught?: Signals): Promise<void> {
  const signals = caught ?? catchSignals()
  const logger = createLogger()
  for (const warning of config.warnings) logger.warn({}, warning)
  const { listening, close } = await startAndWelcome(config, logger)
  signals.onHangUp(async () => listening.reloadTls())
  const signal = await signals.stopped
  signals.ignoreHangUps()
  logger.info({ signal }, 'stopping: requests in flight are finished')
  await close()
}

/** What is printed holds a password, which is not to outlive it: hence a function of its own. */
async function startAndWelcome(config: Config, logger: Logger): Promise<EmbeddedMetaNode> {
  const metaNode = await startMetaNode(config, logger)
  let admin: FirstAdmin | undefined
  try {
    await metaNode.makeFirstAdmin((first) => {
      admin = first
      return print(firstStart(first))
    })
  } catch (error) {
    await metaNode.close()
    throw error
  }
  await print(welcome(config, { metaNode, admin }))
  return metaNode
}
