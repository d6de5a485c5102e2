import { createServer, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import Koa, { type Context, type Next } from 'koa'
import type { Authenticator } from '../../src/authn/authenticator.js'
import { rejected } from '../../src/authn/credentials.js'
import { canonicalPath } from '../../src/authz/canonical-path.js'
import { ALL } from '../../src/authz/privilege.js'
import { loadConfig } from '../../src/config/load-config.js'
import { createUpstream, type Upstream } from '../../src/gateway/connections/upstream.js'
import type { UpstreamOptions } from '../../src/gateway/connections/upstream-options.js'
import { type ForwardOptions, forward } from '../../src/gateway/forward.js'
import { screening } from '../../src/gateway/screening.js'
import { kapacitorAuth } from '../../src/middleware/kapacitor-auth.js'
import { answerClientError } from '../../src/server/client-error.js'
import { holdContinue } from '../../src/server/expectation.js'
import { refuseConnect } from '../../src/server/refuse-connect.js'
import { basic } from '../support/servers.js'

export const PASSWORD = 'p4ss-w0rd-of-ann'

/** A header line that signs ann in. */
export const ANN = `Authorization: ${basic('ann', PASSWORD)}\r\n`

export interface TestGateway {
  readonly port: number
  readonly upstream: Upstream
  /** The paths that were judged, by the request's X-Test-Id or else in order under ''. */
  readonly judged: Map<string, string[]>
  /** What the operator reads. */
  readonly warnings: { code: string; cause: string | undefined; message: string }[]
  /** Errors that nobody has answered: there must be none. */
  readonly failures: unknown[]
  /** How many clients are connected. */
  connections(): Promise<number>
  close(): Promise<void>
}

export interface TestGatewayOptions {
  upstream?: Partial<UpstreamOptions>
  forward?: ForwardOptions
  /** Settings such as `http.ping-auth-enabled`. */
  settings?: Record<string, string>
  server?: ServerOptions
  /** For HTTPS. */
  tls?: { cert: string; key: string }
  /** The name of the user whom `ANN` signs in. @default ann */
  userName?: string
}

/** A gateway as the program mounts it, on a free port, with one user: ann, who may do anything. */
export async function startGateway(url: string, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const warnings: TestGateway['warnings'] = []
  const failures: unknown[] = []
  const judged: TestGateway['judged'] = new Map()
  const user = Object.freeze({ name: options.userName ?? 'ann', admin: false, privileges: new Map([['/', ALL]]) })
  const authenticator: Authenticator = {
    authenticate: (credentials) =>
      credentials.kind === 'password' && credentials.name === 'ann' && credentials.password === PASSWORD ? user : rejected(),
    forget: () => {},
  }
  const config = loadConfig({ file: false, env: {}, overrides: options.settings ?? {} })
  const upstream = createUpstream({ url, ...options.upstream })
  const logger = {
    info: () => {},
    warn: (fields: object, message: string) => { warnings.push({ ...(fields as { code: string; cause: string }), message }) },
    error: () => {},
  }
  const app = new Koa()
  app.on('error', (error) => failures.push(error))
  app.use(screening())
  app.use(kapacitorAuth(config, { authenticator }))
  app.use(function recordJudgement(ctx: Context, next: Next) {
    const id = ctx.get('X-Test-Id')
    judged.set(id, [...(judged.get(id) ?? []), canonicalPath(ctx.url) ?? 'not judged'])
    return next()
  })
  app.use(forward(upstream, { logger, ...options.forward }))

  const handle = app.callback()
  const server = options.tls ? createTlsServer(options.tls, handle) : createServer(options.server ?? {}, handle)
  server.on('clientError', answerClientError)
  holdContinue(server, handle)
  refuseConnect(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    upstream,
    judged,
    warnings,
    failures,
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
      upstream.close()
    }),
  }
}
