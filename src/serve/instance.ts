import { explain } from '../admin/explain-endpoint.js'
import { createMetrics, type MetricsSnapshot } from '../admin/metrics.js'
import type { Directory } from '../authn/directory/directory.js'
import type { PasswordHasher } from '../authn/passwords/hasher.js'
import type { Config } from '../config/config.js'
import type { Logger } from '../log/logger.js'
import { type Asked, type Decision, refusedUnasked } from '../middleware/decision.js'
import { type KapacitorAuth, kapacitorAuth } from '../middleware/kapacitor-auth.js'
import { type Listening, type ListenOptions, listen } from '../server/listen.js'
import { createAppSwitch } from './app-switch.js'
import { createDoorApp, type DoorApp } from './door-app.js'
import { createGate } from './readiness.js'
import { changedKeys } from './reload.js'
import type { ServingProcesses } from './serving-processes.js'
import { createShared, type Shared } from './shared.js'
import { serverTls } from './tls-paths.js'
import { prepareServer } from './upstream-app.js'

/** One process that serves requests. */
export interface Instance extends ServingProcesses {
  /** The metrics as plain data, to be merged with those of other processes. */
  snapshot(): Promise<MetricsSnapshot>
}

export interface InstanceOptions {
  readonly logger: Logger
  /** The embedded meta node's accounts and threads; without them `[auth] meta-addr` is asked. */
  readonly embedded?: { readonly directory: Directory; readonly hasher: PasswordHasher } | undefined
}

/** What the login depends on. If none of it has changed, a reload forgets nobody. */
const LOGIN =
  /^(?:auth\..*|gateway\.trusted-proxies|http\.(?:auth-enabled|shared-secret|ping-auth-enabled|pprof-enabled))$/

/**
 * Starts serving the guarded API in this process.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a port, a certificate, a directory cannot be used; nothing listens then
 */
export async function startInstance(first: Config, options: InstanceOptions): Promise<Instance> {
  const { logger, embedded } = options
  const metrics = createMetrics({ stats: () => auth.value.stats() })

  function onDecision(asked: Asked, decision: Decision): void {
    metrics.onDecision(asked, decision)
    appSwitch.app.audit?.(asked, decision)
  }

  function createAuth(from: Config): Shared<KapacitorAuth> {
    return createShared(
      // The warnings have been told by whoever has loaded it
      kapacitorAuth(
        { ...from, warnings: [] },
        {
          logger,
          ...(embedded && { directory: embedded.directory, hasher: embedded.hasher }),
          onDecision,
          onMetaRequest: metrics.onMetaRequest,
        },
      ),
    )
  }

  /** @param held is let go if it fails */
  async function build(from: Config, held: Shared<KapacitorAuth>): Promise<DoorApp> {
    try {
      return createDoorApp(from, { logger, metrics, auth: held, onDecision })
    } catch (error) {
      await held.release()
      throw error
    }
  }

  let config = first
  let auth = createAuth(config)
  const appSwitch = createAppSwitch(await build(config, auth))
  let listening: Listening
  try {
    listening = await listen(appSwitch.handle, {
      ...listenOptions(config, logger),
      onRefusal: (refusal, asked) => onDecision(asked, refusedUnasked(refusal)),
    })
  } catch (error) {
    await appSwitch.close()
    throw error
  }
  const gate = createGate(() => auth.value.ping())
  let lastReload: string | undefined

  async function reload(next: Config): Promise<void> {
    const isNewLogin = changedKeys(config, next).some((id) => LOGIN.test(id))
    if (!isNewLogin) auth.hold()
    const held = isNewLogin ? createAuth(next) : auth
    const app = await build(next, held)
    auth = held
    appSwitch.replace(app)
    config = next
  }

  return {
    url: listening.url,
    description: appSwitch.app.description,
    snapshot: () => metrics.snapshot(),
    administered: {
      readiness: async () => [
        part('configuration', true, lastReload),
        ...(config.http.httpsEnabled ? [part('certificates', true)] : []),
        part('meta node', gate.open, gate.reason),
      ],
      metrics: () => metrics.text(),
      purge: async (user) => auth.value.forget(user),
      explain: (question) => explain(auth.value, question),
    },
    async reload(next) {
      lastReload = 'the last reload was refused: see the log'
      await reload(next)
      lastReload = undefined
    },
    async reopen() {
      await Promise.all([appSwitch.app.reopenLogs(), listening.reloadTls()])
    },
    async close() {
      gate.close()
      await listening.close(config.http.shutdownTimeout)
      await appSwitch.close()
    },
  }
}

function part(name: string, ready: boolean, reason?: string) {
  return reason === undefined ? { name, ready } : { name, ready, reason }
}

function listenOptions({ http }: Config, log: Logger): ListenOptions {
  return {
    prepare: prepareServer,
    address: http.bindAddress,
    option: '[http] bind-address',
    log,
    limits: {
      maxHeaderBytes: http.maxHeaderBytes,
      maxConnections: http.maxConnectionLimit,
      headerTimeout: http.headerTimeout,
      bodyTimeout: http.bodyTimeout,
      keepAliveTimeout: http.keepAliveTimeout,
    },
    tls: serverTls(http),
  }
}
