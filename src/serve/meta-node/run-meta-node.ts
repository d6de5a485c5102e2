import type { Config } from '../../config/config.js'
import type { Logger } from '../../log/logger.js'
import { createLogger } from '../../log/pino-logger.js'
import { createSerialQueue } from '../../serial-queue.js'
import type { Listening } from '../../server/listen.js'
import { print } from '../../text/standard-output.js'
import { type CertificateWatch, watchCertificates } from '../certificate-watch.js'
import { listenForAdmin } from '../listen-for-admin.js'
import { type OidcFileWatch, watchOidcFile } from '../reload/oidc-file-watch.js'
import { catchSignals, type Signals } from '../signals.js'
import { metaNodeCertificates } from '../tls-paths.js'
import { firstStart, welcome } from '../welcome.js'
import { type EmbeddedMetaNode, startMetaNode } from './embedded-meta-node.js'
import type { FirstAdmin } from './make-first-admin.js'
import { administeredMetaNode } from './meta-node-administered.js'

interface Running {
  readonly metaNode: EmbeddedMetaNode
  readonly certificates: CertificateWatch
  readonly oidcFile: OidcFileWatch
  /** Undefined where `[admin] enabled` is false. */
  readonly admin: Listening | undefined
}

/**
 * The command: runs the meta node alone until it is told to stop, with the admin listener. SIGHUP opens log files and
 * certificates again, and reads the file of `[oidc]`, which is read whenever it changes, too.
 *
 * @param caught the signals, if they are caught already
 */
export async function runMetaNode(config: Config, caught?: Signals): Promise<void> {
  const signals = caught ?? catchSignals()
  const logger = createLogger()
  logger.setLevel(config.logging.level)
  for (const warning of config.warnings) logger.warn({}, warning)
  const { metaNode, certificates, oidcFile, admin } = await startAndWelcome(config, logger)
  signals.onHangUp(async () => {
    await Promise.all([metaNode.reopen(config), oidcFile.read()])
  })
  const signal = await signals.stopped
  signals.ignoreHangUps()
  logger.info({ signal }, 'stopping: requests in flight are finished')
  oidcFile.close()
  certificates.close()
  await admin?.close(0)
  await metaNode.close()
}

/** A function of its own, since what is printed holds a password: it can be collected afterwards. */
async function startAndWelcome(config: Config, logger: Logger): Promise<Running> {
  const metaNode = await startMetaNode(config, logger, { isAlone: true })
  const certificates = watchCertificates(config, logger, Date.now, metaNodeCertificates)
  const oidcFile = watchOidcFileFor(metaNode, config, logger)
  const isMadeByQuery = config.meta.firstAdmin === 'query'
  let isMade = false
  /** A query may make the first one while we run. */
  const hasAdministrator = async () => {
    if (isMadeByQuery) isMade ||= await metaNode.hasAdministrator().catch(() => false)
    return isMade
  }
  let admin: Listening | undefined
  let first: FirstAdmin | undefined
  try {
    if (config.admin.enabled) {
      admin = await listenForAdmin(
        administeredMetaNode(metaNode, certificates, oidcFile, hasAdministrator),
        {
          address: config.admin.metaNodeBindAddress,
          option: '[admin] meta-node-bind-address',
          logger,
        },
      )
    }
    await metaNode.makeFirstAdmin((made) => {
      first = made
      return print(firstStart(made))
    })
    isMade = !isMadeByQuery
  } catch (error) {
    oidcFile.close()
    certificates.close()
    await admin?.close(0)
    await metaNode.close()
    throw error
  }
  const isAdminMissing = !(await hasAdministrator())
  await print(welcome(config, { metaNode, admin: first, adminUrl: admin?.url, isAdminMissing }))
  return { metaNode, certificates, oidcFile, admin }
}

function watchOidcFileFor(
  metaNode: EmbeddedMetaNode,
  first: Config,
  logger: Logger,
): OidcFileWatch {
  let inForce = first
  return watchOidcFile({
    inForce: () => inForce,
    async apply(next) {
      metaNode.useProvider(next.oidc)
      inForce = next
    },
    inTurn: createSerialQueue().run,
    logger,
  })
}
