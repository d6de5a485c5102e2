import type { RequestListener } from 'node:http'
import Koa from 'koa'
import type { Metrics } from '../admin/metrics.js'
import type { Config } from '../config/config.js'
import type { Logger } from '../log/logger.js'
import { accessLog } from '../middleware/access-log.js'
import { bodyLimit } from '../middleware/body-limit.js'
import type { DecisionListener } from '../middleware/decision.js'
import type { KapacitorAuth } from '../middleware/kapacitor-auth.js'
import { requestId } from '../middleware/request-id.js'
import { type Logs, openLogs } from './open-logs.js'
import type { Shared } from './shared.js'
import { createUpstreamApp } from './upstream-app.js'

/** What answers requests, made of one configuration: a reload makes a new one. */
export interface DoorApp {
  readonly handle: RequestListener
  /** For the operator: what is guarded. */
  readonly description: string
  readonly auth: Shared<KapacitorAuth>
  /** The audit log, if there is one. */
  readonly audit: Logs['audit']
  /** Opens the log files anew, after somebody has renamed them. */
  reopenLogs(): Promise<void>
  close(): Promise<void>
}

export interface DoorAppOptions {
  readonly logger: Logger
  readonly metrics: Metrics
  /** Who decides; held until the app is closed. */
  readonly auth: Shared<KapacitorAuth>
  /** Hears what is refused before `auth` is asked. */
  readonly onDecision: DecisionListener
}

/** @throws AuthError `ERR_CONFIG_INVALID` if a file, a certificate or a directory that `config` names cannot be used */
export function createDoorApp(config: Config, options: DoorAppOptions): DoorApp {
  const { logger, metrics, auth, onDecision } = options
  const { trustedProxies } = config.gateway
  const upstream = createUpstreamApp(config, { logger, onAnswer: metrics.onAnswer, onDecision })
  const logs = openLogs(config, logger)
  const app = new Koa()
  app.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE.includes(error.code ?? '')) logger.error({ err: error }, 'request failed')
  })
  app.use(metrics.timing())
  if (logs.access || logs.audit) app.use(requestId({ trustedProxies }))
  if (logs.access) app.use(accessLog(logs.access, { trustedProxies }))
  upstream.mountFirst(app)
  if (config.http.maxBodySize > 0) app.use(bodyLimit(config.http.maxBodySize))
  app.use(auth.value)
  upstream.mountLast(app)
  return {
    handle: app.callback(),
    description: upstream.description,
    auth,
    audit: logs.audit,
    reopenLogs: logs.reopen,
    async close() {
      await auth.release()
      upstream.close()
      await logs.close()
    },
  }
}

/** The client went away: that is its right. */
const GONE = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']
