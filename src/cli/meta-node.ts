import type { Config } from '../config/config.js'
import { startMetaNode } from './embedded-meta-node.js'
import { createLogger } from './logger.js'
import { untilStopped } from './shutdown.js'
import { welcome } from './welcome.js'

/** The command: runs the meta node alone until it is told to stop. */
export async function runMetaNode(config: Config): Promise<void> {
  const logger = createLogger()
  for (const warning of config.warnings) logger.warn({}, warning)
  const metaNode = await startMetaNode(config, logger)
  process.stdout.write(welcome(config, { metaNode, admin: await metaNode.makeFirstAdmin() }))
  const signal = await untilStopped()
  logger.info({ signal }, 'stopping: requests in flight are finished')
  await metaNode.close()
  logger.flush()
}
