import type { Config } from '../config/config.js'
import type { Logger } from '../middleware/logger.js'
import { type FirstAdmin, startMetaNode } from './embedded-meta-node.js'
import { createLogger } from './logger.js'
import { untilStopped } from './shutdown.js'
import { firstStart, print, welcome } from './welcome.js'

/** The command: runs the meta node alone until it is told to stop. */
export async function runMetaNode(config: Config): Promise<void> {
  const stopped = untilStopped()
  const logger = createLogger()
  for (const warning of config.warnings) logger.warn({}, warning)
  const close = await startAndWelcome(config, logger)
  const signal = await stopped
  logger.info({ signal }, 'stopping: requests in flight are finished')
  await close()
}

/** What is printed holds a password, which is not to outlive it: hence a function of its own. */
async function startAndWelcome(config: Config, logger: Logger): Promise<() => Promise<void>> {
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
  return metaNode.close
}
