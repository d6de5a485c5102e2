/**
 * Keys of `[http]` in `influxdb.conf` that are the engine's own business, of InfluxDB 1.x and InfluxDB Enterprise's data
 * nodes. They are skipped, so that a real file is accepted as it is.
 */
const ENGINE_KEYS: ReadonlySet<string> = new Set([
  'access-log-status-filters',
  'allow-gzip',
  'bind-socket',
  'enqueued-write-timeout',
  'flux-enabled',
  'flux-log-enabled',
  'flux-testing',
  'flux-transpiler-enabled',
  'max-concurrent-write-limit',
  'max-enqueued-write-limit',
  'max-row-limit',
  'suppress-write-log',
  'unix-socket-enabled',
  'unix-socket-group',
  'unix-socket-permissions',
  'write-tracing',
])

/** Families of them: `[http.headers]`, `[http.tls]`. */
const ENGINE_TABLES: ReadonlySet<string> = new Set(['headers', 'tls'])

/** Whether it is the engine's. `…-0` is an array's item, as the environment has it. */
export function isEngineKey(name: string): boolean {
  const [family = ''] = name.split('-')
  return (
    ENGINE_KEYS.has(name.replace(/-\d+$/, '')) || ENGINE_TABLES.has(name) || family === 'headers'
  )
}

/** InfluxDB's other sections, of which nothing is read. */
export const ENGINE_SECTIONS: ReadonlySet<string> = new Set([
  'admin',
  'anti-entropy',
  'cluster',
  'collectd',
  'continuous_queries',
  'coordinator',
  'data',
  'enterprise',
  'graphite',
  'hinted-handoff',
  'logging',
  'meta',
  'monitor',
  'opentsdb',
  'retention',
  'shard-precreation',
  'subscriber',
  'tls',
  'udp',
])
