import cluster from 'node:cluster'
import { createAdminApp } from '../admin/admin-app.js'
import type { Config } from '../config/config.js'
import { parseAddress } from '../config/kinds/address.js'
import { AuthError } from '../errors.js'
import type { Logger } from '../log/logger.js'
import { createLogger } from '../log/pino-logger.js'
import { type Listening, listen } from '../server/listen.js'
import { type EmbeddedMetaNode, type FirstAdmin, startMetaNode } from './embedded-meta-node.js'
import { startInstance } from './instance.js'
import { needRestart, withoutRestart } from './needs-restart.js'
import { createServerState, partsOf, type ServerState } from './server-state.js'
import type { ServingProcesses } from './serving-processes.js'
import { onHangUp, untilStopped } from './shutdown.js'
import { firstStart, print, welcome } from './welcome.js'
import { runWorker } from './worker.js'
import { startWorkers, workerCount } from './workers.js'

/** What `kapacitor-auth serve` has started. */
export interface Serving {
  readonly api: ServingProcesses
  /** Undefined where `meta-addr` names other meta nodes. */
  readonly metaNode: EmbeddedMetaNode | undefined
  /** Undefined where `[admin] enabled` is false. */
  readonly admin: Listening | undefined
  readonly state: ServerState
  /** Takes no more requests, finishes those in flight, and closes the store. */
  close(): Promise<void>
}

/**
 * Starts the guarded API, the admin listener and, unless `[auth] meta-addr` names other meta nodes, the embedded one.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a port, a directory, a certificate cannot be used; nothing listens then
 */
export async function serve(
  config: Config,
  logger: Logger,
  announce: (admin: FirstAdmin) => Promise<void> = async () => {},
): Promise<Serving> {
  const { shutdownTimeout } = config.http
  const state = createServerState()
  let [metaNode, api, admin]: [EmbeddedMetaNode?, ServingProcesses?, Listening?] = []
  const close = async () => {
    // Nothing new comes in anywhere while the last requests finish; then the accounts, which they may need
    const ends = [admin?.close(0), api?.close(), metaNode?.listening.close(shutdownTimeout)]
    const ended = [
      ...(await Promise.allSettled(ends)),
      ...(await Promise.allSettled([metaNode?.close()])),
    ]
    for (const end of ended) {
      if (end.status === 'rejected') logger.error({ err: end.reason }, 'stopping')
    }
  }
  try {
    for (const warning of config.warnings) logger.warn({}, warning)
    if (config.auth.metaAddr.length === 0) metaNode = await startMetaNode(config, logger)
    api =
      workerCount(config) > 1
        ? await startWorkers(config, logger)
        : await startInstance(config, { logger, embedded: metaNode?.accounts })
    if (config.admin.enabled) admin = await startAdmin(config, api, state, logger)
    await metaNode?.makeFirstAdmin(announce)
    state.hasAdministrator = true
    return { api, metaNode, admin, state, close }
  } catch (error) {
    await close()
    throw error
  }
}

function startAdmin(
  { admin }: Config,
  { administered }: ServingProcesses,
  state: ServerState,
  logger: Logger,
): Promise<Listening> {
  const readiness = async () => [...partsOf(state), ...(await administered.readiness())]
  const app = createAdminApp(
    { ...administered, readiness },
    {
      ...hostOf(admin.bindAddress),
      log: (error: unknown) => logger.error({ err: error }, 'admin listener'),
    },
  )
  return listen(app.callback(), {
    address: admin.bindAddress,
    option: '[admin] bind-address',
    log: logger,
  })
}

/** The host of `host:port`, if it names one. */
function hostOf(address: string): { host?: string } {
  const host = parseAddress(address)?.host
  return host ? { host } : {}
}

/** The command: serves until it is told to stop. */
export async function runServe(load: () => Config): Promise<void> {
  const logger = createLogger()
  if (cluster.isWorker) return runWorker(load, logger)
  const stopped = untilStopped()
  let config = load()
  const { api, metaNode, state, close } = await startAndWelcome(config, logger)
  const hangUp = onHangUp(async () => {
    void metaNode?.listening.reloadTls()
    config = await reload(api, state, config, load, logger)
  })
  const signal = await stopped
  hangUp.end()
  logger.info({ signal }, 'stopping: requests in flight are finished')
  await close()
}

/**
 * Reads the configuration again, and opens files anew whether or not it is good.
 *
 * @returns the configuration that is in force then
 */
async function reload(
  api: ServingProcesses,
  state: ServerState,
  before: Config,
  load: () => Config,
  logger: Logger,
): Promise<Config> {
  let config = before
  try {
    const next = load()
    for (const warning of next.warnings) logger.warn({}, warning)
    const inForce = withoutRestart(before, next)
    await api.reload(inForce)
    config = inForce
    state.isReloadRefused = false
    for (const id of needRestart(before, next)) {
      logger.warn({ key: id }, 'the new value takes effect after a restart')
    }
    logger.info({}, 'the configuration has been read again')
  } catch (error) {
    state.isReloadRefused = true
    const problems = error instanceof AuthError ? error.message.split('\n') : undefined
    logger.error(problems ? { problems } : { err: error }, 'the configuration is not changed')
  }
  await api.reopen().catch((error) => logger.error({ err: error }, 'opening files anew'))
  return config
}

/** What is printed holds a password, which is not to outlive it: hence a function of its own. */
async function startAndWelcome(config: Config, logger: Logger): Promise<Serving> {
  let firstAdmin: FirstAdmin | undefined
  const serving = await serve(config, logger, (first) => {
    firstAdmin = first
    return print(firstStart(first))
  })
  const { api, metaNode, admin } = serving
  const started = { doors: api.doors, metaNode, admin: firstAdmin }
  await print(welcome(config, { ...started, adminUrl: admin?.url }))
  return serving
}
