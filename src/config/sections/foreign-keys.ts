import type { SectionName } from './sections.js'

/**
 * Keys of our sections that are Kapacitor's or InfluxDB's own business: accepted, and left to them,
 * so that one file can serve all.
 */
const FOREIGN_KEYS: Readonly<Partial<Record<SectionName, ReadonlySet<string>>>> = {
  http: new Set([
    'enabled',
    'write-tracing',
    'pprof-auth-enabled',
    'debug-pprof-enabled',
    'allow-gzip',
    'realm',
    'max-row-limit',
    'unix-socket-enabled',
    'bind-socket',
    'max-concurrent-write-limit',
    'max-enqueued-write-limit',
    'enqueued-write-timeout',
    'flux-enabled',
    'flux-log-enabled',
    'suppress-write-log',
    'access-log-status-filters',
  ]),
  logging: new Set(['file', 'format', 'suppress-logo']),
}

/** Whether the key is Kapacitor's or InfluxDB's. `…-0` is an array's item, as the environment has it. */
export function isForeignKey(section: SectionName, name: string): boolean {
  return FOREIGN_KEYS[section]?.has(name.replace(/-\d+$/, '')) ?? false
}

const SERVICE =
  /(?:^|-)(?:service-(?:host|port(?:-.+)?)|port-\d+-(?:tcp|udp|sctp)(?:-(?:proto|port|addr))?)$/
const PORT = /(?:^|-)port$/
const URL = /^(?:tcp|udp|sctp):\/\//

/**
 * Whether an environment variable was put there by Kubernetes or Docker for a service that happens to
 * be called `kapacitor-auth`, `kapacitor-meta` …: `KAPACITOR_AUTH_SERVICE_HOST=10.0.0.7`,
 * `KAPACITOR_AUTH_PORT=tcp://10.0.0.7:9092`.
 */
export function isServiceLink(name: string, value: string): boolean {
  return SERVICE.test(name) || (PORT.test(name) && URL.test(value))
}
