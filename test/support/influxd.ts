import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePorts } from './free-ports.js'

/** A real InfluxDB 1.x, with its authentication off, on a free loopback port and in a directory of its own. */
export interface Influxd {
  readonly url: string
  close(): Promise<void>
}

/** Where the program is; undefined if it is not installed. */
export function influxdPath(name = 'influxd'): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return undefined
}

/** Whether tests with it are left out: on a machine without it, but never in CI. */
export function isInfluxdMissing(): boolean {
  if (influxdPath() !== undefined) return false
  if (process.env.CI) throw new Error('influxd is not installed')
  process.stderr.write('influxd is not installed: tests with a real InfluxDB are left out\n')
  return true
}

/**
 * @param http further lines of its [http]
 * @param options whether it serves subscriptions
 */
export async function startInfluxd(http = '', { subscriber = false } = {}, tries = 3): Promise<Influxd> {
  const directory = mkdtempSync(join(tmpdir(), 'kapacitor-auth-influxd-'))
  const [port, rpc] = await freePorts(2)
  const config = join(directory, 'influxdb.conf')
  writeFileSync(config, `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${directory}/meta"
[data]
  dir = "${directory}/data"
  wal-dir = "${directory}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
  ${http}
[subscriber]
  enabled = ${subscriber}
[continuous_queries]
  enabled = false
`)
  const child = spawn(influxdPath() ?? 'influxd', ['run', '-config', config], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  const close = async () => {
    await ended(child)
    rmSync(directory, { recursive: true, force: true })
  }
  for (;;) {
    if (child.exitCode !== null) {
      await close()
      if (tries > 1) return startInfluxd(http, { subscriber }, tries - 1) // another program was faster at a port
      throw new Error(`influxd ended with ${child.exitCode}`)
    }
    const isUp = await fetch(`${url}/ping`).then(({ status }) => status === 204, () => false)
    if (isUp) return { url, close }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
