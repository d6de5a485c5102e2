import Koa from 'koa'
import { explain } from '../../admin/explain-endpoint.js'
import { hashCost } from '../../authn/passwords/configured-hashing.js'
import type { Config } from '../../config/config.js'
import { endStreams } from '../../gateway/kapacitor/end-streams.js'
import { configuredManagedUsers } from '../../gateway/kapacitor/users/configured-managed-users.js'
import { createEmbeddedUsers } from '../../gateway/kapacitor/users/embedded-users.js'
import { usersApi } from '../../gateway/kapacitor/users/users-api.js'
import { accessLog } from '../../middleware/access-log.js'
import { bodyLimit } from '../../middleware/body-limit.js'
import { kapacitorAuth } from '../../middleware/kapacitor-auth.js'
import { requestId } from '../../middleware/request-id.js'
import { openAccessLog } from '../open-logs.js'
import { serverTls } from '../tls-paths.js'
import type { Door, DoorApp, DoorListening, DoorParts } from './door.js'
import { createUpstreamApp, prepareServer } from './upstream-app.js'

/** Kapacitor's API, as `[http]` says; behind it what `[gateway] kapacitor-url` names, or the sample API. */
export const kapacitorDoor: Door = {
  name: 'kapacitor',
  title: 'Kapacitor API',
  isOpen: () => true,
  needsLogin: ({ http }) => http.authEnabled,
  isLoginKey: (id) => LOGIN.test(id),
  needsRestart: (id, before, after) =>
    RESTART.test(id) || (id === 'gateway.kapacitor-url' && isOtherCount(before, after)),
  listenOptions,
  createApp,
}

const LOGIN = /^http\.(?:auth-enabled|shared-secret)$/

const RESTART =
  /^http\.(?:bind-address|https-(?:enabled|certificate|private-key|client-ca|client-auth)|max-header-bytes|max-connection-limit|(?:header|body|keep-alive)-timeout)$/

/** The sample API runs in one process, a gateway in as many as `[http] workers` says: none of them comes or goes at a reload. */
function isOtherCount({ gateway: before, http }: Config, { gateway: after }: Config): boolean {
  return http.workers !== 1 && (before.kapacitorUrl === '') !== (after.kapacitorUrl === '')
}

function listenOptions({ http }: Config): DoorListening {
  return {
    address: http.bindAddress,
    option: '[http] bind-address',
    prepare: prepareServer,
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

function createApp(config: Config, parts: DoorParts): DoorApp {
  const { logger, metrics, login, embedded, isAudited, onDecision, onChange } = parts
  const { trustedProxies } = config.gateway
  const upstream = createUpstreamApp(config, { logger, onAnswer: metrics.onAnswer, onDecision })
  const access = openAccessLog(config.http, '[http] access-log-path', logger)
  const users = embedded
    ? createEmbeddedUsers(embedded.store, embedded.hasher, hashCost(config.meta))
    : configuredManagedUsers(config)
  // The warnings have been logged by who has loaded it
  const auth = kapacitorAuth({ ...config, warnings: [] }, { logger, login, onDecision })
  const app = new Koa()
  app.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE.includes(error.code ?? '')) logger.error({ err: error }, 'request failed')
  })
  app.use(metrics.timing())
  if (access.log || isAudited) app.use(requestId({ trustedProxies }))
  if (access.log) app.use(accessLog(access.log, { trustedProxies, door: 'kapacitor' }))
  upstream.mountFirst(app)
  if (config.http.maxBodySize > 0) app.use(bodyLimit(config.http.maxBodySize))
  app.use(auth)
  const signedIn = config.http.authEnabled ? login : undefined
  if (signedIn) {
    const { cache, authenticator } = signedIn
    app.use(endStreams({ cache, authenticator, logger }))
  }
  app.use(
    usersApi({
      users,
      login: signedIn,
      passwordMinLength: config.meta.passwordMinLength,
      isRestricted: config.meta.restrictUserManagement,
      trustedProxies,
      logger,
      onChange,
    }),
  )
  upstream.mountLast(app)
  return {
    handle: app.callback(),
    description: upstream.description,
    explain: (question) => explain(auth, question),
    upstream: upstream.check,
    reopenLogs: access.reopen,
    async close() {
      await auth.close()
      users.close()
      upstream.close()
      await access.close()
    },
  }
}

/** The client went away, as it may. */
const GONE = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']
