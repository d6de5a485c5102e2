import { start } from '../../support/program.js'
import { basic } from '../../support/servers.js'

/** `kapacitor-auth meta-node` in a process of its own; it can be killed and started again. */
export interface MetaNodeProcess {
  /** Where it listens now. */
  readonly address: string
  /** Who may be created. */
  readonly names: readonly string[]
  /** A user with the password `secret`, who may use Kapacitor. */
  create(name: string): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  /** Stops it in the middle of whatever it does. */
  pause(): void
  resume(): void
}

const ADMIN = { authorization: basic('admin', 'the admin password') }

export async function startMetaNodeProcess(directory: string, secret: string, env: Record<string, string> = {}): Promise<MetaNodeProcess> {
  let address = ''
  let child = await launch()

  async function launch() {
    const program = start(['meta-node', '--data-dir', directory, '--meta-bind-address', '127.0.0.1:0'], {
      KAPACITOR_META_ADMIN_PASSWORD: 'the admin password',
      KAPACITOR_META_INTERNAL_SHARED_SECRET: secret,
      KAPACITOR_META_BCRYPT_COST: '4',
      ...env,
    })
    const [, host = ''] = await program.until(/meta node\s+http:\/\/(\S+)/)
    address = host
    return program
  }

  async function post(body: object): Promise<void> {
    const answer = await fetch(`http://${address}/user`, { method: 'POST', headers: ADMIN, body: JSON.stringify(body) })
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
  }

  return {
    get address() {
      return address
    },
    names: Array.from({ length: 20 }, (_, i) => `user${i}`),
    async create(name) {
      await post({ action: 'create', user: { name, password: 'secret' } })
      await post({ action: 'add-permissions', user: { name, permissions: { '': ['KapacitorAPI'] } } })
    },
    async kill() {
      child.child.kill('SIGKILL')
      await child.end()
    },
    async start() {
      child = await launch()
    },
    pause: () => void child.child.kill('SIGSTOP'),
    resume: () => void child.child.kill('SIGCONT'),
  }
}
