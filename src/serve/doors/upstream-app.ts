import type { RequestListener, Server } from 'node:http'
import type Koa from 'koa'
import type { Part } from '../../admin/administered.js'
import type { Config } from '../../config/config.js'
import { type ForwardOptions, forward } from '../../gateway/forward.js'
import { isKapacitorStream } from '../../gateway/kapacitor/kapacitor-stream.js'
import { screening } from '../../gateway/screening.js'
import type { Logger } from '../../log/logger.js'
import type { DecisionListener } from '../../middleware/decision.js'
import { mountSampleApi } from '../../sample/sample-api.js'
import type { RefusalListener } from '../../server/client-error.js'
import { holdContinue, letContinue } from '../../server/expectation.js'
import { refuseConnect } from '../../server/refuse-connect.js'
import { createGatewayUpstream } from './gateway-upstream.js'
import { createUpstreamCheck } from './upstream-check.js'

/** What stands behind the login: a Kapacitor, or the sample API. */
export interface UpstreamApp {
  /** For the operator: what it is. */
  readonly description: string
  /** What must be refused before anybody is asked for credentials. */
  mountFirst(app: Koa): void
  /** What is reached by requests that the login lets pass. */
  mountLast(app: Koa): void
  /** Whether it can be reached, for readiness; undefined where there is nothing to be reached. */
  readonly check?: () => Promise<Part>
  close(): void
}

/** Prepares a server for either: who may go on with a body, and that nobody may `CONNECT`, is decided here. */
export function prepareServer(
  server: Server,
  handle: RequestListener,
  onRefusal?: RefusalListener,
): void {
  holdContinue(server, handle)
  refuseConnect(server, onRefusal)
}

export interface UpstreamAppOptions {
  readonly logger: Logger
  /** Hears how long the upstream took. */
  readonly onAnswer: NonNullable<ForwardOptions['onAnswer']>
  /** Hears what is refused before anybody is asked for credentials. */
  readonly onDecision: DecisionListener
}

/** @throws AuthError `ERR_CONFIG_INVALID` if a certificate, a key or the sample's directory cannot be used */
export function createUpstreamApp(config: Config, options: UpstreamAppOptions): UpstreamApp {
  return config.gateway.kapacitorUrl === '' ? createSample(config) : createGateway(config, options)
}

function createSample({ sample }: Config): UpstreamApp {
  return {
    description: `a sample; its tasks are in ${sample.dir}`,
    mountFirst: (app) =>
      app.use((ctx, next) => {
        letContinue(ctx.req, ctx.res)
        return next()
      }),
    mountLast: (app) => mountSampleApi(app, sample.dir),
    close: () => {},
  }
}

function createGateway({ gateway, admin }: Config, options: UpstreamAppOptions): UpstreamApp {
  const upstream = createGatewayUpstream('kapacitor', gateway)
  const probe = createGatewayUpstream('kapacitor', { ...gateway, maxConnections: 1 })
  return {
    description: `a gateway to ${upstream.origin}`,
    mountFirst: (app) => app.use(screening(options)),
    mountLast: (app) =>
      app.use(
        forward(upstream, {
          trustedProxies: gateway.trustedProxies,
          minBodyRate: gateway.minBodyRate,
          isStream: isKapacitorStream,
          ...options,
        }),
      ),
    check: createUpstreamCheck(probe, {
      name: 'Kapacitor',
      target: '/kapacitor/v1/ping',
      isNeeded: admin.readinessNeedsUpstream,
    }),
    close() {
      probe.close()
      upstream.close()
    },
  }
}
