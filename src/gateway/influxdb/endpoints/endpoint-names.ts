import type { Config } from '../../../config/config.js'

/** InfluxDB's endpoints, by what they do. */
export type EndpointName =
  | 'query'
  | 'write'
  | 'write-v2'
  | 'flux'
  | 'prometheus-write'
  | 'prometheus-read'
  | 'ping'
  | 'debug'

export interface Endpoint {
  readonly name: EndpointName
  readonly methods: readonly string[]
}

const READING = ['GET', 'HEAD']
const POSTING = ['OPTIONS', 'POST']

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/query', { name: 'query', methods: ['OPTIONS', 'GET', 'POST'] }],
  ['/write', { name: 'write', methods: POSTING }],
  ['/api/v2/write', { name: 'write-v2', methods: POSTING }],
  ['/api/v2/query', { name: 'flux', methods: POSTING }],
  ['/api/v1/prom/write', { name: 'prometheus-write', methods: ['POST'] }],
  ['/api/v1/prom/read', { name: 'prometheus-read', methods: ['POST'] }],
  ['/ping', { name: 'ping', methods: READING }],
  ['/status', { name: 'ping', methods: READING }],
  ['/health', { name: 'ping', methods: ['GET'] }],
  ['/metrics', { name: 'ping', methods: ['GET'] }],
])

const DEBUG: Endpoint = { name: 'debug', methods: READING }
const DEBUG_PATH = /^\/debug\/(pprof|vars|requests)(?:\/|$)/

/** The endpoint at a canonical path; undefined if there is none, or it is switched off. */
export function endpointAt(path: string, settings: Config['influxdb']): Endpoint | undefined {
  const known = ENDPOINTS.get(path)
  if (known) return known
  const [, part] = DEBUG_PATH.exec(path) ?? []
  if (part === undefined || (part === 'pprof' && !settings.pprofEnabled)) return undefined
  return DEBUG
}
