import { createCertificateMetrics } from '../admin/certificate-metrics.js'
import type { Config } from '../config/config.js'
import { refuseRaisedByOmission } from '../config/oidc/raised-by-omission.js'
import type { Logger } from '../log/logger.js'
import { createSerialQueue } from '../serial-queue.js'
import type { Listening } from '../server/listen.js'
import { registryTokens } from '../subscriptions/registry-tokens.js'
import { pause } from '../time.js'
import { type CertificateWatch, watchCertificates } from './certificate-watch.js'
import { startInstance } from './instance.js'
import { listenForAdmin } from './listen-for-admin.js'
import { type EmbeddedMetaNode, startMetaNode } from './meta-node/embedded-meta-node.js'
import type { FirstAdmin } from './meta-node/make-first-admin.js'
import { changedKeys } from './reload/changed-keys.js'
import { needRestart, withoutRestart } from './reload/needs-restart.js'
import { type OidcFileWatch, watchOidcFile } from './reload/oidc-file-watch.js'
import { createServerState, partsOf } from './server-state.js'
import type { ServingProcesses } from './serving-processes.js'
import { afterAdministrator } from './subscriptions/after-administrator.js'
import { auditedTokens } from './subscriptions/audited-tokens.js'
import { keepSubscriptions, type Subscriptions } from './subscriptions/keep-subscriptions.js'
import { startWorkers, workerCount } from './workers/workers.js'

/** What `kapacitor-auth serve` has started. */
export interface Serving {
  readonly api: ServingProcesses
  /** Undefined where `meta-addr` names other meta nodes. */
  readonly metaNode: EmbeddedMetaNode | undefined
  /** Undefined where `[admin] enabled` is false. */
  readonly admin: Listening | undefined

  /** Whether any key has another value in that configuration than in the one in force. */
  isNews(next: Config): boolean

  /**
   * Goes on with another configuration, except for keys that wait for a restart.
   *
   * @returns those keys, by their full names
   * @throws AuthError if it cannot be used; everything stays as it was then
   */
  reload(next: Config): Promise<string[]>

  /** Has readiness show that a configuration could not even be read. */
  refuseReload(): void

  /** Opens log files and certificates again. */
  reopen(): Promise<void>

  /** Is not ready any more; after `[http] shutdown-delay` takes no more requests, finishes those in flight, closes the store. */
  close(): Promise<void>
}

export interface ServeOptions {
  /** Shows the password of a first administrator before it is valid. @default it is shown nowhere */
  announce?: (admin: FirstAdmin) => Promise<void>

  /** Gives up the start. */
  stop?: AbortSignal | undefined
}

/** What has been started so far. */
interface Started {
  metaNode?: EmbeddedMetaNode
  api?: ServingProcesses
  admin?: Listening
  certificates?: CertificateWatch
  oidcFile?: OidcFileWatch
  subscriptions?: Subscriptions
}

/**
 * Starts the guarded APIs, the admin listener and, unless `[auth] meta-addr` names other meta nodes, the embedded one.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a port, a directory, a certificate cannot be used; nothing listens then
 */
export async function serve(
  config: Config,
  logger: Logger,
  { announce = async () => {}, stop }: ServeOptions = {},
): Promise<Serving> {
  const state = createServerState()
  const started: Started = {}
  const { run: inTurn } = createSerialQueue()
  let inForce = config
  const onPolicyChange = () => started.subscriptions?.lookSoon()
  try {
    for (const warning of config.warnings) logger.warn({}, warning)
    if (config.auth.metaAddr.length === 0) started.metaNode = await startMetaNode(config, logger)
    stop?.throwIfAborted()
    const { metaNode } = started
    const api =
      workerCount(config) > 1
        ? await startWorkers(config, logger, { onPolicyChange, stop })
        : await startInstance(config, { logger, embedded: metaNode?.accounts, onPolicyChange })
    started.api = api
    const certificates = watchCertificates(config, logger)
    started.certificates = certificates
    const oidcFile = watchOidcFile({
      inForce: () => inForce,
      apply: applyProvider,
      inTurn,
      logger,
    })
    started.oidcFile = oidcFile
    if (config.admin.enabled) {
      const readiness = async () => [
        ...partsOf({ ...state, hasAdministrator: await hasAdministrator() }),
        ...oidcFile.parts(),
        ...certificates.parts(),
        ...(await api.administered.readiness()),
        ...(started.subscriptions?.parts() ?? []),
      ]
      const dates = createCertificateMetrics(certificates.expiries)
      const metrics = async () =>
        api.administered.metrics([
          await dates.snapshot(),
          ...(metaNode ? [await metaNode.snapshot()] : []),
          ...(started.subscriptions ? [await started.subscriptions.snapshot()] : []),
        ])
      started.admin = await listenForAdmin(
        { ...api.administered, readiness, metrics },
        { address: config.admin.bindAddress, option: '[admin] bind-address', logger },
      )
    }
    stop?.throwIfAborted()
    await metaNode?.makeFirstAdmin(announce)
    state.hasAdministrator = metaNode === undefined || config.meta.firstAdmin === 'start'
    const tokens = metaNode
      ? afterAdministrator(
          registryTokens(auditedTokens(metaNode.registry, metaNode.onChange)),
          hasAdministrator,
        )
      : undefined
    started.subscriptions = keepSubscriptions(config, tokens, logger)
    return {
      api,
      metaNode,
      admin: started.admin,
      isNews: (next) => changedKeys(inForce, next).length > 0,
      reload: (next) => inTurn(() => reload(next)),
      refuseReload: () => {
        state.isReloadRefused = true
      },
      async reopen() {
        await Promise.all([metaNode?.reopen(inForce), api.reopen()])
      },
      close,
    }
  } catch (error) {
    await end(started, 0, logger)
    throw error
  }

  /** A query may make the first one while we run. Once there is one, it stays so: the last one cannot be removed. */
  async function hasAdministrator(): Promise<boolean> {
    if (state.hasAdministrator || config.meta.firstAdmin === 'start') return state.hasAdministrator
    const isThere = await started.metaNode?.hasAdministrator().catch(() => false)
    state.hasAdministrator = isThere ?? false
    return state.hasAdministrator
  }

  async function reload(next: Config): Promise<string[]> {
    const waiting = needRestart(inForce, next)
    const config = withoutRestart(inForce, next)
    state.isReloadRefused = true
    refuseRaisedByOmission(inForce, config)
    await started.api?.reload(config)
    inForce = config
    started.metaNode?.useProvider(config.oidc)
    started.certificates?.use(config)
    started.oidcFile?.restart()
    await started.subscriptions?.use(config)
    state.isReloadRefused = false
    return waiting
  }

  async function applyProvider(next: Config): Promise<void> {
    started.metaNode?.useProvider(next.oidc) // at once: a worker may take its time
    await started.api?.useProvider(next)
    inForce = next
  }

  async function close(): Promise<void> {
    state.isStopping = true
    const { shutdownDelay, shutdownTimeout } = inForce.http
    if (shutdownDelay > 0) await pause(shutdownDelay)
    await end(started, shutdownTimeout, logger)
  }
}

/** Stops what was started. Nothing new comes in anywhere while the last requests finish; then the accounts, which they may need. */
async function end(
  { metaNode, api, admin, certificates, oidcFile, subscriptions }: Started,
  patience: number,
  logger: Logger,
): Promise<void> {
  certificates?.close()
  oidcFile?.close()
  const listeners = [
    subscriptions?.close(),
    admin?.close(0),
    api?.close(),
    metaNode?.listening.close(patience),
  ]
  const ended = [
    ...(await Promise.allSettled(listeners)),
    ...(await Promise.allSettled([metaNode?.close()])),
  ]
  for (const one of ended) {
    if (one.status === 'rejected') logger.error({ err: one.reason }, 'stopping')
  }
}
