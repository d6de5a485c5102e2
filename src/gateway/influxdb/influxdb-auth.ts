import type { Middleware } from 'koa'
import type { Config } from '../../config/config.js'
import { warn } from '../../log/logger.js'
import type { DecisionListener } from '../../middleware/decision.js'
import { createOwnLogin, type OwnLoginOptions } from '../../middleware/own-login.js'
import { createInfluxdbParts } from './create-influxdb-parts.js'
import { configuredUsers } from './users/configured-users.js'
import type { UserAdministration } from './users/user-administration.js'

export interface InfluxdbAuthOptions extends OwnLoginOptions {
  /** Where users are changed by statements. @default the meta nodes of `[auth] meta-addr` */
  users?: UserAdministration

  /**
   * The databases that there are: `GRANT` refuses others, and so does a write (404). @default nobody knows, and any name
   * may be granted on
   */
  databases?: () => Promise<readonly string[]>

  /** Hears of each decision: who was let in or refused, and why. @default nobody */
  onDecision?: DecisionListener
}

/** Koa middleware that also has a lifetime. */
export interface InfluxdbAuth extends Middleware {
  /** Forgets what is remembered of one user, or of all. */
  forget(name?: string): void

  /** Resolves when the directory can be asked; rejects with the reason. */
  ping(): Promise<void>

  /** Ends hashing threads and connections. */
  close(): Promise<void>
}

/**
 * Authenticates and authorizes like InfluxDB 1.8, for an API that looks like its. A request goes on to the application
 * with `ctx.state.user`; one to `/query` also with `ctx.state.statements`, parsed and authorized, and
 * `ctx.state.parameters` (`db`, `rp`, `epoch`, `chunked` and so on), which the statements were authorized with. What is refused is
 * answered here, in InfluxDB's words, and so are statements about users, which must not be mixed with others in one
 * request. Paths that are not InfluxDB's are left alone.
 *
 * The application must go by these only, not by the request's own parameters: the body of a form has been read, and of
 * several parameters of one name one counts.
 *
 * @param config `[http]` of its `influxdb.conf` counts, beside `[auth]` and `[meta]`
 * @throws AuthError `ERR_CONFIG_INVALID` if a certificate or key that `config` names cannot be used
 */
export function influxdbAuth(config: Config, options: InfluxdbAuthOptions = {}): InfluxdbAuth {
  const { logger, onDecision, databases } = options
  for (const warning of config.warnings) warn(logger, warning)
  const users = options.users ?? configuredUsers(config)
  const login = config.influxdb.authEnabled ? createOwnLogin(config, options) : undefined
  const { api } = createInfluxdbParts(config, {
    login,
    users,
    engine: undefined,
    databases,
    logger,
    onDecision,
  })
  const middleware: Middleware = (ctx, next) => api(ctx, next)
  return Object.assign(middleware, {
    forget: (name?: string) => login?.forget(name),
    ping: async () => login?.ping(),
    async close() {
      if (!options.users) users.close()
      await login?.close()
    },
  })
}
