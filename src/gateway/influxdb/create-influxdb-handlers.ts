import type { Banner } from './answer/influxdb-headers.js'
import { createAdministratorEndpoint } from './endpoints/administrator-endpoint.js'
import type { Handle, Reply } from './endpoints/endpoint.js'
import type { EndpointName } from './endpoints/endpoint-names.js'
import { createPrometheusReadEndpoint } from './endpoints/prometheus-read-endpoint.js'
import { createQueryEndpoint } from './endpoints/query-endpoint.js'
import { createWriteEndpoint } from './endpoints/write-endpoint.js'
import { readPrometheusWrite, readWrite, readWriteV2 } from './endpoints/write-targets.js'
import type { FirstAdministrator } from './first-administrator.js'
import { createPrepareQuery } from './query/prepare-query.js'
import type { Executors } from './query/run-query.js'

export interface HandlersOptions {
  readonly executors: Executors
  readonly firstAdministrator: FirstAdministrator | undefined
  readonly banner: () => Banner
  /** The databases that there are; undefined if nobody knows. */
  readonly databases: (() => Promise<readonly string[]>) | undefined
  /** Whether `/debug` is for administrators only. */
  readonly isDebugClosed: boolean
  readonly isMiddleware: boolean
  /** Whether changes of retention policies are told. */
  readonly isWatched: boolean
}

/** What answers at each endpoint of InfluxDB's. */
export function createInfluxdbHandlers(
  reply: Reply,
  options: HandlersOptions,
): Readonly<Record<EndpointName, Handle>> {
  const { databases, isDebugClosed, ...query } = options
  const pass: Handle = (ctx, caller, next) => {
    reply.allow(ctx, caller)
    return next()
  }
  return {
    query: createQueryEndpoint({ reply, prepareQuery: createPrepareQuery(), ...query }),
    write: createWriteEndpoint({ reply, databases, read: readWrite }),
    'write-v2': createWriteEndpoint({ reply, databases, read: readWriteV2 }),
    'prometheus-write': createWriteEndpoint({ reply, databases, read: readPrometheusWrite }),
    'prometheus-read': createPrometheusReadEndpoint(reply),
    flux: createAdministratorEndpoint(
      reply,
      (name) =>
        `error authorizing query: ${name === undefined ? 'no user provided' : `${name} not authorized to execute Flux, requires admin privilege`}`,
    ),
    ping: pass,
    debug: isDebugClosed
      ? createAdministratorEndpoint(reply, () => 'error authorizing admin access')
      : pass,
  }
}
