import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load-config.js'
import type { Logger } from '../../src/log/logger.js'
import { serve } from '../../src/serve/serve.js'

/** A gateway in front of an InfluxDB, as `serve` opens it, with the embedded meta node. */
export interface TestDoor {
  /** InfluxDB's API. */
  readonly url: string
  /** Kapacitor's, with the sample behind. */
  readonly kapacitor: string
  readonly metaNode: string
  /** What the operator reads. */
  readonly log: { level: string; message: string; fields: object }[]
  close(): Promise<void>
}

export const SHARED_SECRET = 'my super secret pass phrase'

export async function startDoor(influxdbUrl: string, overrides: Record<string, unknown> = {}): Promise<TestDoor> {
  const directory = mkdtempSync(join(tmpdir(), 'kapacitor-auth-door-'))
  const log: TestDoor['log'] = []
  const line = (level: string) => (fields: object, message: string) => void log.push({ level, message, fields })
  const logger: Logger = { info: line('info'), warn: line('warn'), error: line('error') }
  const config = loadConfig({
    file: false,
    env: {},
    overrides: {
      'gateway.influxdb-url': influxdbUrl,
      'influxdb.bind-address': '127.0.0.1:0',
      'influxdb.shared-secret': SHARED_SECRET,
      'influxdb.log-enabled': false,
      'influxdb.ping-auth-enabled': true,
      'http.bind-address': '127.0.0.1:0',
      'http.log-enabled': false,
      'meta.http-bind-address': '127.0.0.1:0',
      'meta.dir': join(directory, 'meta'),
      'meta.bcrypt-cost': 4,
      'meta.first-admin': 'query',
      'sample.dir': join(directory, 'sample'),
      'admin.enabled': false,
      'auth.wrong-password-interval': '0s',
      ...overrides,
    },
  })
  const serving = await serve(config, logger)
  const doorUrl = (name: string) => serving.api.doors.find((door) => door.name === name)?.url ?? ''
  return {
    url: doorUrl('influxdb'),
    kapacitor: doorUrl('kapacitor'),
    metaNode: serving.metaNode?.listening.url ?? '',
    log,
    async close() {
      await serving.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
