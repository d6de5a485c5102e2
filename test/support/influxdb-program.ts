import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Influxd, startInfluxd } from './influxd.js'
import { type Program, start, temporaryDirectory } from './program.js'
import { startServer } from './servers.js'

/** The built program in front of a real InfluxDB and a Kapacitor that answers `fine`. */
export interface InfluxdbProgram {
  /** InfluxDB's API, and its port. */
  readonly url: string
  readonly port: string
  readonly kapacitor: string
  /** The address of the meta node. */
  readonly meta: string
  readonly program: Program
  /** Runs a client; its home is a directory of the test's. */
  run(command: string, args: readonly string[], options?: { env?: Record<string, string>; input?: string }): Promise<Ran>
  /** Runs `kapacitor-auth` as the administrator. */
  cli(...args: string[]): Promise<Ran>
  end(): Promise<void>
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const ADMIN_PASSWORD = 'the admin password'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

export async function startInfluxdbProgram(): Promise<InfluxdbProgram> {
  const directory = temporaryDirectory()
  const at = (name: string) => join(directory.path, name)
  const influxd: Influxd = await startInfluxd()
  const upstream = await startServer((_req, res) => res.end('fine'))
  writeFileSync(at('kapacitor.conf'), `
[http]
  bind-address = "127.0.0.1:0"
  log-enabled = false
[gateway]
  influxdb-url = "${influxd.url}"
  kapacitor-url = "${upstream.url}"
[meta]
  http-bind-address = "127.0.0.1:0"
  dir = "${at('meta')}"
  bcrypt-cost = 4
[auth]
  wrong-password-interval = "0s"
`, { mode: 0o600 })
  writeFileSync(at('influxdb.conf'), '[http]\n  bind-address = "127.0.0.1:0"\n  log-enabled = false\n')
  const program = start(['serve', '--config', at('kapacitor.conf'), '--influxdb-config', at('influxdb.conf')], { KAPACITOR_META_ADMIN_PASSWORD: ADMIN_PASSWORD })
  const [, url = ''] = await program.until(/InfluxDB API +(\S+)/)
  const [, kapacitor = ''] = await program.until(/Kapacitor API +(\S+)/)
  const [, meta = ''] = await program.until(/meta node +http:\/\/(\S+)/)

  const run: InfluxdbProgram['run'] = (command, args, { env = {}, input = '' } = {}) =>
    new Promise((resolve) => {
      const options = { env: { PATH: process.env.PATH ?? '', HOME: directory.path, ...env }, timeout: 60_000 }
      const child = execFile(command, args, options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr })
      })
      child.stdin?.on('error', () => {}) // not every program reads it
      child.stdin?.end(input)
    })
  return {
    url,
    port: new URL(url).port,
    kapacitor,
    meta,
    program,
    run,
    cli: (...args) => run(process.execPath, [MAIN, ...args, '--config', at('kapacitor.conf'), '--meta-addr', meta], { env: { KAPACITOR_AUTH_META_USERNAME: 'admin', KAPACITOR_AUTH_META_PASSWORD: ADMIN_PASSWORD } }),
    async end() {
      program.child.kill('SIGTERM')
      await program.end()
      await Promise.all([influxd.close(), upstream.close()])
      directory.remove()
    },
  }
}
