import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Config } from '../../src/config/config.js'
import { type LoadConfigOptions, loadConfig } from '../../src/config/load-config.js'
import { AuthError } from '../../src/errors.js'

/** Loads with nothing of the machine: no file, no environment, unless given. */
export function load(options: LoadConfigOptions = {}): Config {
  return loadConfig({ file: false, env: {}, ...options })
}

/** Loads from the text of a `kapacitor.conf`. */
export function loadToml(toml: string, options: LoadConfigOptions = {}): Config {
  return load({ file: file('kapacitor.conf', toml), ...options })
}

/** The lines of the refusal, the temporary directory cut off; fails when there is none. */
export function problems(attempt: () => unknown): string[] {
  try {
    attempt()
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== 'ERR_CONFIG_INVALID') throw error
    return error.message.replaceAll(/"?\/[^ ":]*\/kapacitor-auth-test-[^/]*\//g, '').split('\n')
  }
  throw new Error('nothing was refused')
}

/** A directory of this test alone, gone when it is over. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'kapacitor-auth-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Writes a file into a directory of its own. @returns its path */
export function file(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(directory(), name)
  writeFileSync(path, content, { mode })
  return path
}

/** The `[http]` that InfluxDB 1.7's document prints. */
export const INFLUXDB_DOCUMENT = `[http]
  enabled = true
  bind-address = ":8086"
  auth-enabled = true # ✨
  log-enabled = true
  write-tracing = false
  pprof-enabled = true
  pprof-auth-enabled = true
  debug-pprof-enabled = false
  ping-auth-enabled = true
  https-enabled = true
  https-certificate = "/etc/ssl/influxdb.pem"
`
