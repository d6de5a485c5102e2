import type { Config } from '../../config/config.js'
import { isProviderSet } from '../../config/oidc/is-provider-set.js'
import { createClientNetwork } from '../../http/client-network.js'
import type { Logger } from '../../log/logger.js'
import type { DecisionListener } from '../../middleware/decision.js'
import type { OwnLogin } from '../../middleware/own-login.js'
import { createInfluxdbTokenVerifier } from '../../token/influxdb-token.js'
import type { Banner } from './answer/influxdb-headers.js'
import { createWriteError } from './answer/write-error.js'
import { createInfluxdbHandlers } from './create-influxdb-handlers.js'
import { createWriteScreened } from './endpoints/write-screened.js'
import { createFirstAdministrator } from './first-administrator.js'
import { createInfluxdbApi } from './influxdb-api.js'
import { createEngineStatements } from './query/engine-statements.js'
import { type ChangeListener, reportUserStatement } from './query/report-user-statement.js'
import type { Executors } from './query/run-query.js'
import { DONE } from './query/statement-result.js'
import { createUserStatements } from './query/user-statements.js'
import type { Engine } from './upstream/engine.js'
import type { UserAdministration } from './users/user-administration.js'

export interface InfluxdbPartsOptions {
  /** Undefined where authentication is switched off. */
  readonly login: Pick<OwnLogin, 'authenticatorFor' | 'forget'> | undefined
  readonly users: UserAdministration
  /** The InfluxDB behind; undefined for middleware. */
  readonly engine: Engine | undefined
  /** The databases that there are, for middleware. @default any may be granted on */
  readonly databases?: (() => Promise<readonly string[]>) | undefined
  readonly logger: Logger | undefined
  readonly onDecision: DecisionListener | undefined
  /** Hears of each change of users. */
  readonly report?: ChangeListener | undefined
  /** Told when a query made, changed or dropped databases or retention policies. @default nobody wants to know */
  readonly onPolicyChange?: (() => void) | undefined
}

const NO_BANNER: Banner = { version: undefined, build: undefined }

/** InfluxDB's API of one configuration: the middleware, and how it words refusals. */
export function createInfluxdbParts(config: Config, options: InfluxdbPartsOptions) {
  const { influxdb: settings, meta, gateway } = config
  const { login, users, engine, logger, onDecision, report, onPolicyChange } = options
  const databases = engine?.databases ?? options.databases
  const banner = () => engine?.banner() ?? NO_BANNER
  const hasProvider = isProviderSet(config.oidc)
  const writeError = createWriteError(settings.realm, banner, hasProvider)
  const onChange = (name: string | undefined) => login?.forget(name)
  const firstAdministrator =
    login && meta.firstAdmin === 'query'
      ? createFirstAdministrator({
          users,
          passwordMinLength: meta.passwordMinLength,
          isLoopbackOnly: meta.firstAdminFrom === 'loopback',
          logger,
          report,
        })
      : undefined
  const userStatement = createUserStatements({
    users,
    databases,
    passwordMinLength: meta.passwordMinLength,
    onChange,
  })
  const executors: Executors = {
    userStatement: (statement, source) =>
      reportUserStatement(statement, users, userStatement, (change) => report?.(source, change)),
    engineStatement: engine
      ? createEngineStatements({ engine, users, onChange, report, onPolicyChange })
      : async () => [DONE], // never asked: an application answers these
  }
  const api = createInfluxdbApi({
    settings,
    authenticator: login?.authenticatorFor(
      settings.sharedSecret?.reveal(),
      createInfluxdbTokenVerifier,
    ),
    hasProvider,
    originOf: createClientNetwork(gateway.trustedProxies),
    firstAdministrator,
    banner,
    writeError,
    others: engine ? 'refuse' : 'pass',
    createHandlers: (reply) =>
      createInfluxdbHandlers(reply, {
        executors,
        firstAdministrator,
        banner,
        databases,
        isDebugClosed: settings.pprofAuthEnabled,
        isMiddleware: engine === undefined,
        isWatched: onPolicyChange !== undefined,
      }),
    onDecision,
    logger,
  })
  return { api, writeError, writeScreened: createWriteScreened(settings, banner, writeError) }
}
