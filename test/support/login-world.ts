import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from './program.js'

const MAIN = join(import.meta.dirname, '../../dist/main.js')
const DRIVER = join(import.meta.dirname, 'on-terminal.py')

/** A person's home directory with a profile file of influxctl in it. */
export function createHome() {
  const directory = temporaryDirectory()
  const home = directory.path
  const file = join(home, '.config/influxctl/config.toml')
  return {
    path: home,
    file,
    logins: join(home, '.local/state/kapacitor-auth/logins'),
    env: { PATH: process.env.PATH ?? '', HOME: home } as Record<string, string>,
    write(toml: string, mode = 0o600) {
      mkdirSync(join(home, '.config/influxctl'), { recursive: true })
      writeFileSync(file, toml)
      chmodSync(file, mode)
    },
    remove: () => directory.remove(),
  }
}

/** A profile as the documents print it, for that provider. */
export function profileToml(
  { deviceUrl, tokenUrl, clientId = 'kapacitor-auth', more = '' }: { deviceUrl: string; tokenUrl: string; clientId?: string; more?: string },
  name = 'default',
): string {
  return `[[profile]]
    name = "${name}"
    product = "clustered"
    host = "cluster-host.com" # InfluxDB cluster host
    port = "8086" # InfluxDB cluster port

    [profile.auth.oauth2]
        client_id = "${clientId}"
        device_url = "${deviceUrl}"
        token_url = "${tokenUrl}"
${more}
`
}

export interface Ended { code: number | string | null; stdout: string; stderr: string }

/** Runs the built program; `onStderr` sees all that it has printed on standard error so far. */
export function runProgram(args: readonly string[], env: Record<string, string>, onStderr: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void = () => {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => { stdout += text })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
      onStderr(stderr, (signal) => child.kill(signal))
    })
    child.on('close', (code, signal) => resolve({ code: signal ?? code, stdout, stderr }))
  })
}

export interface Shown { shown: string; status: number | string; left: unknown[]; restored: boolean; echoes: boolean }

/** Runs the built program on a terminal. Each step waits for a text, and types another; `onShown` sees nothing but the end. */
export async function runOnTerminal(args: readonly string[], env: Record<string, string>, steps: [string, string][] = []): Promise<Shown> {
  const child = spawn('python3', [DRIVER], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify({ argv: [process.execPath, MAIN, ...args], env: { TERM: 'xterm', ...env }, steps, columns: 100 }))
  let text = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk
  return JSON.parse(text)
}

/** The page and the code that a login shows. */
export function pageIn(stderr: string): { page: string; code: string } | undefined {
  const page = /^ {2}page {2}(\S+)\r?$/m.exec(stderr)?.[1]
  const code = /^ {2}code {2}(\S+)\r?$/m.exec(stderr)?.[1]
  return page && code ? { page, code } : undefined
}
