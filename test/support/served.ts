import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Program, start, temporaryDirectory } from './program.js'
import { basic, startServer, type TestServer } from './servers.js'
import { until } from './until.js'

export const ADMIN = { authorization: basic('admin', 'the admin password') }
export const TASKS = '/kapacitor/v1/tasks'

export interface Readiness {
  readonly status: number
  readonly ready: boolean
  readonly parts: readonly { readonly name: string; readonly ready: boolean; readonly reason?: string }[]
}

/** `kapacitor-auth serve` in front of an upstream that answers `fine`, and all that belongs to it. */
export interface World {
  file(name: string): string
  readonly upstream: TestServer
  /** The configuration's text: the keys of `[http]`, then whole sections. */
  text(http?: string, rest?: string): string
  launch(env?: Record<string, string>, args?: readonly string[]): Program
  /** Launches it, and waits until it has started. */
  serve(text: string, env?: Record<string, string>): Promise<Served>
  end(): Promise<void>
}

export interface Served {
  readonly program: Program
  readonly api: string
  readonly admin: string
  readiness(): Promise<Readiness>
  /** The status of a request on a connection of its own. */
  status(headers?: Record<string, string>): Promise<number>
  workers(): number[]
  /** Writes the file, and sends SIGHUP. */
  reload(text: string): void
}

export async function createWorld(): Promise<World> {
  const directory = temporaryDirectory()
  const upstream = await startServer((_req, res) => res.end('fine'))
  const programs: Program[] = []
  const file = (name: string) => join(directory.path, name)

  function launch(env: Record<string, string> = {}): Program {
    const program = start(['serve', '--config', file('k.conf'), '--data-dir', directory.path], { KAPACITOR_META_ADMIN_PASSWORD: 'the admin password', ...env })
    programs.push(program)
    return program
  }

  return {
    file,
    upstream,
    launch,
    text: (http = '', rest = '') => `
[http]
  bind-address = "127.0.0.1:0"
  log-enabled = false
${http}
[gateway]
  kapacitor-url = "${upstream.url}"
[meta]
  http-bind-address = "127.0.0.1:0"
  bcrypt-cost = 4
${rest}`,
    async serve(text, env) {
      writeFileSync(file('k.conf'), text, { mode: 0o600 })
      const program = launch(env)
      const [, api = ''] = await program.until(/Kapacitor API +(\S+)/)
      const [, admin = ''] = await program.until(/admin +(http\S+)/)
      const readiness = async () => {
        const answer = await fetch(`${admin}/readyz`)
        return { status: answer.status, ...(await answer.json() as Omit<Readiness, 'status'>) }
      }
      await until(async () => (await readiness()).ready)
      return {
        program,
        api,
        admin,
        readiness,
        status: async (headers = ADMIN) => (await fetch(api + TASKS, { headers: { ...headers, connection: 'close' } })).status,
        workers: () => childrenOf(program.child.pid),
        reload(text) {
          writeFileSync(file('k.conf'), text)
          program.child.kill('SIGHUP')
        },
      }
    },
    async end() {
      for (const { child } of programs) {
        for (const pid of childrenOf(child.pid)) kill(pid)
        child.kill('SIGKILL')
      }
      await Promise.all(programs.map((program) => program.end()))
      await upstream.close()
      directory.remove()
    },
  }
}

/** A worker that was stopped by SIGSTOP would not notice that its parent has gone. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended
  }
}

export function childrenOf(pid = 0): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).trim().split('\n').map(Number)
  } catch {
    return [] // pgrep's way to say that there is none
  }
}
