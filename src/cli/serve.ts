import Koa from 'koa'
import type { Config } from '../config/config.js'
import { accessLog } from '../middleware/access-log.js'
import { kapacitorAuth } from '../middleware/kapacitor-auth.js'
import type { Logger } from '../middleware/logger.js'
import { type EmbeddedMetaNode, type FirstAdmin, startMetaNode } from './embedded-meta-node.js'
import { createGuarded, type Guarded } from './guarded.js'
import { type Listening, listen } from './listen.js'
import { createLogger } from './logger.js'
import { untilStopped } from './shutdown.js'
import { firstStart, print, welcome } from './welcome.js'

/** What `kapacitor-auth serve` has started. */
export interface Serving {
  readonly api: Listening
  readonly guarded: Guarded
  /** Undefined where `meta-addr` names other meta nodes. */
  readonly metaNode: EmbeddedMetaNode | undefined
  /** Takes no more requests, finishes those in flight, and closes the store. */
  close(): Promise<void>
}

/**
 * Starts the guarded API and, unless `[auth] meta-addr` names other meta nodes, the embedded one.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a port, a directory, a certificate cannot be used; nothing listens then
 */
export async function serve(
  config: Config,
  logger: Logger,
  announce: (admin: FirstAdmin) => Promise<void> = async () => {},
): Promise<Serving> {
  const listening: Listening[] = []
  const closing: (() => Promise<unknown> | unknown)[] = []
  const close = async () => {
    // Nothing new comes in anywhere while the last requests finish; then the rest, whatever fails on the way
    const { shutdownTimeout } = config.http
    await Promise.allSettled(listening.map((one) => one.close(shutdownTimeout)))
    for (const end of closing.splice(0).reverse()) {
      try {
        await end()
      } catch (error) {
        logger.error({ err: error }, 'stopping')
      }
    }
  }
  try {
    for (const warning of config.warnings) logger.warn({}, warning)
    const metaNode = config.auth.metaAddr.length === 0 ? await startEmbedded() : undefined
    const auth = kapacitorAuth(config, {
      logger,
      ...(metaNode && { authenticator: metaNode.authenticator }),
    })
    closing.push(() => auth.close())
    const guarded = createGuarded(config, logger)
    closing.push(() => guarded.close())
    const app = new Koa()
    app.on('error', (error) => logger.error({ err: error }, 'request failed'))
    if (config.http.logEnabled) app.use(accessLog(logger))
    guarded.mountFirst(app)
    app.use(auth)
    guarded.mountLast(app)
    const api = await listen(app.callback(), {
      prepare: guarded.prepare,
      address: config.http.bindAddress,
      option: '[http] bind-address',
      tls: config.http.httpsEnabled
        ? { certificate: config.http.httpsCertificate, key: config.http.httpsPrivateKey }
        : undefined,
    })
    listening.push(api)
    await metaNode?.makeFirstAdmin(announce)
    return { api, guarded, metaNode, close }
  } catch (error) {
    await close()
    throw error
  }

  async function startEmbedded(): Promise<EmbeddedMetaNode> {
    const node = await startMetaNode(config, logger)
    listening.push(node.listening)
    closing.push(() => node.close())
    return node
  }
}

/** The command: serves until it is told to stop. */
export async function runServe(config: Config): Promise<void> {
  const stopped = untilStopped()
  const logger = createLogger()
  const close = await startAndWelcome(config, logger)
  const signal = await stopped
  logger.info({ signal }, 'stopping: requests in flight are finished')
  await close()
}

/** What is printed holds a password, which is not to outlive it: hence a function of its own. */
async function startAndWelcome(config: Config, logger: Logger): Promise<() => Promise<void>> {
  let admin: FirstAdmin | undefined
  const { api, guarded, metaNode, close } = await serve(config, logger, (first) => {
    admin = first
    return print(firstStart(first))
  })
  const started = { api: api.url, guarded: guarded.description, metaNode, admin }
  await print(welcome(config, started))
  return close
}
