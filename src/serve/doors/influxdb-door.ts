import Koa from 'koa'
import { hashCost } from '../../authn/passwords/configured-hashing.js'
import type { Config } from '../../config/config.js'
import { forward } from '../../gateway/forward.js'
import { createInfluxdbParts } from '../../gateway/influxdb/create-influxdb-parts.js'
import { replacementOf } from '../../gateway/influxdb/request/replacement-of.js'
import { createEngine } from '../../gateway/influxdb/upstream/engine.js'
import { configuredUsers } from '../../gateway/influxdb/users/configured-users.js'
import { createRegistryUsers } from '../../gateway/influxdb/users/registry-users.js'
import { screening } from '../../gateway/screening.js'
import { accessLog } from '../../middleware/access-log.js'
import { bodyLimit } from '../../middleware/body-limit.js'
import { requestId } from '../../middleware/request-id.js'
import { openAccessLog } from '../open-logs.js'
import { influxdbServerTls } from '../tls-paths.js'
import type { Door, DoorApp, DoorListening, DoorParts } from './door.js'
import { explainInfluxdb } from './explain-influxdb.js'
import { createInfluxdbUpstream } from './influxdb-upstream.js'
import { prepareServer } from './upstream-app.js'
import { createUpstreamCheck } from './upstream-check.js'

/** InfluxDB's API, as `[http]` of `influxdb.conf` says; behind it what `[gateway] influxdb-url` names. */
export const influxdbDoor: Door = {
  name: 'influxdb',
  title: 'InfluxDB API',
  isOpen: ({ gateway, influxdb }) => gateway.influxdbUrl !== '' && influxdb.enabled,
  needsLogin: ({ influxdb }) => influxdb.authEnabled,
  isLoginKey: (id) => LOGIN.test(id),
  needsRestart: (id, before, after) =>
    RESTART.test(id) || (id === 'gateway.influxdb-url' && isOtherState(before, after)),
  listenOptions,
  createApp,
}

const LOGIN = /^influxdb\.(?:auth-enabled|shared-secret)$/

const RESTART =
  /^(?:influxdb\.(?:enabled|bind-address|https-(?:enabled|certificate|private-key)|max-connection-limit)|http\.(?:max-header-bytes|(?:header|body|keep-alive)-timeout))$/

/** Whether the door opens or closes. */
function isOtherState({ gateway: before }: Config, { gateway: after }: Config): boolean {
  return (before.influxdbUrl === '') !== (after.influxdbUrl === '')
}

/** What InfluxDB's own file has no key for is as at Kapacitor's API. */
function listenOptions({ http, influxdb }: Config): DoorListening {
  return {
    address: influxdb.bindAddress,
    option: 'influxdb.conf: [http] bind-address',
    prepare: prepareServer,
    limits: {
      maxHeaderBytes: http.maxHeaderBytes,
      maxConnections: influxdb.maxConnectionLimit,
      headerTimeout: http.headerTimeout,
      bodyTimeout: http.bodyTimeout,
      keepAliveTimeout: http.keepAliveTimeout,
    },
    tls: influxdbServerTls(influxdb),
  }
}

function createApp(config: Config, parts: DoorParts): DoorApp {
  const { gateway, influxdb, admin } = config
  const { logger, metrics, login, embedded, onDecision, onChange, onPolicyChange } = parts
  const { trustedProxies } = gateway
  const upstream = createInfluxdbUpstream(gateway)
  const probe = createInfluxdbUpstream({ ...gateway, maxConnections: 1 })
  const engine = createEngine(upstream)
  void engine.greet()
  const users = embedded
    ? createRegistryUsers(embedded.store, embedded.hasher, hashCost(config.meta))
    : configuredUsers(config)
  const access = openAccessLog(influxdb, 'influxdb.conf: [http] access-log-path', logger)
  const {
    api,
    writeError: write,
    writeScreened,
  } = createInfluxdbParts(config, {
    login: influxdb.authEnabled ? login : undefined,
    users,
    engine,
    logger,
    onDecision,
    report: onChange,
    onPolicyChange: gateway.subscriptions ? onPolicyChange : undefined,
  })
  const app = new Koa()
  app.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE.includes(error.code ?? '')) logger.error({ err: error }, 'request failed')
  })
  app.use(metrics.timing())
  app.use(requestId({ trustedProxies }))
  if (access.log) app.use(accessLog(access.log, { trustedProxies, door: 'influxdb' }))
  app.use(screening({ onDecision, door: 'influxdb', write: writeScreened }))
  if (influxdb.maxBodySize > 0) app.use(bodyLimit(influxdb.maxBodySize, write))
  app.use(api)
  app.use(
    forward(upstream, {
      trustedProxies,
      logger,
      onAnswer: metrics.onAnswer,
      write,
      replace: replacementOf,
      minBodyRate: gateway.minBodyRate,
    }),
  )
  return {
    handle: app.callback(),
    description: `a gateway to ${upstream.origin}`,
    explain: (question) => explainInfluxdb(login, question),
    upstream: createUpstreamCheck(probe, {
      name: 'InfluxDB',
      target: '/ping',
      isNeeded: admin.readinessNeedsUpstream,
    }),
    reopenLogs: access.reopen,
    async close() {
      users.close()
      probe.close()
      upstream.close()
      await access.close()
    },
  }
}

/** The client went away, as it may. */
const GONE = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']
