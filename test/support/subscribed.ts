import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { readDestination } from '../../src/subscriptions/destination.js'
import { freePort } from './free-ports.js'
import { type Influxd, startInfluxd } from './influxd.js'
import { type Program, start, temporaryDirectory } from './program.js'
import { childrenOf } from './served.js'
import { basic, startServer } from './servers.js'
import { until } from './until.js'

export const ADMIN = basic('admin', 'the admin password')

/** A point that has arrived at Kapacitor. */
export interface Arrived {
  readonly database: string
  readonly policy: string
  readonly user: string
  readonly line: string
}

/** A real InfluxDB, `kapacitor-auth serve` with `subscriptions = true`, and a Kapacitor that records what arrives. */
export async function createSubscribed(sections = '', workers = 1) {
  const directory = temporaryDirectory()
  const arrived: Arrived[] = []
  const programs: Program[] = []
  const kapacitor = await startServer(async (req, res) => {
    let text = ''
    for await (const chunk of req) text += chunk
    const { searchParams } = new URL(req.url ?? '', 'http://x')
    const [database, policy] = [searchParams.get('db') ?? '', searchParams.get('rp') ?? '']
    const user = String(req.headers['x-forwarded-user'])
    if (req.method === 'POST') arrived.push(...text.trim().split('\n').map((line) => ({ database, policy, user, line })))
    res.writeHead(204).end()
  })
  const influxd = await startInfluxd('', { subscriber: true })
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  writeFileSync(join(directory.path, 'k.conf'), `
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
  workers = ${workers}
[gateway]
  kapacitor-url = "${kapacitor.url}"
  influxdb-url = "${influxd.url}"
  subscriptions = true
  subscription-url = "${address}"
  subscriptions-sync-interval = "1s"
${sections}
[meta]
  http-bind-address = "127.0.0.1:0"
  bcrypt-cost = 4
`, { mode: 0o600 })

  /** A meta node alone, and its address: for gateways that have none of their own. */
  async function serveMetaNode(): Promise<string> {
    const program = start(['meta-node', '--config', join(directory.path, 'k.conf'), '--data-dir', directory.path], { KAPACITOR_META_ADMIN_PASSWORD: 'the admin password' })
    programs.push(program)
    return new URL((await program.until(/meta node +(http\S+)/))[1] as string).host
  }

  async function serve(env: Record<string, string> = {}) {
    const program = start(['serve', '--config', join(directory.path, 'k.conf'), '--data-dir', directory.path], {
      KAPACITOR_META_ADMIN_PASSWORD: 'the admin password', INFLUXDB_HTTP_BIND_ADDRESS: '127.0.0.1:0', ...env,
    })
    programs.push(program)
    const address = async (title: string) => (await program.until(new RegExp(`${title} +(http\\S+)`)))[1] as string
    return {
      program,
      influxdb: await address('InfluxDB API'),
      admin: await address('admin'),
      meta: env.KAPACITOR_AUTH_META_ADDR ?? await address('meta node'),
      /** Runs another command, signed in as the administrator. */
      async command(...args: string[]) {
        const meta = new URL(await address('meta node')).host
        const program = start([...args, '--config', join(directory.path, 'k.conf'), '--meta-addr', meta, '--username', 'admin'], { KAPACITOR_PASSWORD: 'the admin password' })
        return { code: await program.end(), stdout: program.stdout(), stderr: program.stderr() }
      },
      /** The ID of the valid token for a database. */
      async tokenOf(name: string): Promise<string> {
        const { text } = await post(`${await address('meta node')}/api/v0/subscriptions`, '', { authorization: ADMIN }, 'GET')
        const all = JSON.parse(text) as { id: string; database: string; revokedAt?: string }[]
        return all.find(({ database, revokedAt }) => database === name && revokedAt === undefined)?.id ?? ''
      },
      workers: () => childrenOf(program.child.pid),
      async stop() {
        program.child.kill('SIGTERM')
        await program.end()
      },
    }
  }

  const query = (q: string, url = influxd.url, headers = {}) => post(`${url}/query?q=${encodeURIComponent(q)}`, '', headers)

  /** The subscriptions as `database.policy name`, and their tokens. */
  async function subscriptions() {
    const { results } = JSON.parse((await query('SHOW SUBSCRIPTIONS')).text) as { results: { series?: { name: string; values: [string, string, string, [string]][] }[] }[] }
    return (results[0]?.series ?? []).flatMap(({ name: database, values }) =>
      values.map(([policy, name, , [url]]) => ({ database, policy, name, url, token: readDestination(url)?.token ?? '' })))
  }

  return {
    influxd: influxd as Influxd,
    arrived,
    address,
    serve,
    serveMetaNode,
    query,
    subscriptions,
    /** Writes one point to InfluxDB, and resolves when it has taken it. */
    write: async (database: string, value: number) => (await post(`${influxd.url}/write?db=${database}`, `m v=${value}i ${10n ** 18n + BigInt(value)}`)).status,
    /** Whether InfluxDB posts to all of them: it takes a moment to begin. */
    isServed: async (database: string) => {
      const text = (await query("SHOW STATS FOR 'subscriber'")).text
      return text.includes(`"database":"${database}"`)
    },
    /** How many points InfluxDB has sent: those that were answered with 204. */
    async sent() {
      const { results } = JSON.parse((await query("SHOW STATS FOR 'subscriber'")).text) as { results: { series: { tags?: object; columns: string[]; values: number[][] }[] }[] }
      const [total] = results[0]?.series.filter(({ tags }) => tags === undefined) ?? []
      return total?.values[0]?.[total.columns.indexOf('pointsWritten')] ?? 0
    },
    /** Resolves when InfluxDB has sent all that it had queued. */
    async isQuiet() {
      let before = -1
      await until(async () => {
        await new Promise((resolve) => setTimeout(resolve, 300))
        const now = arrived.length
        const same = now === before
        before = now
        return same
      })
    },
    async end() {
      for (const { child } of programs) {
        for (const pid of childrenOf(child.pid)) process.kill(pid, 'SIGKILL')
        child.kill('SIGKILL')
      }
      await Promise.all(programs.map((program) => program.end()))
      await influxd.close()
      await kapacitor.close()
      directory.remove()
    },
    until,
  }
}

const AGENT = new Agent({ keepAlive: true })

/** A request on a connection that is kept. */
export function post(url: string, body: string, headers: Record<string, string> = {}, method = 'POST'): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const out = request(url, { method, headers, agent: AGENT }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk) => { text += chunk }).on('end', () => resolve({ status: answer.statusCode ?? 0, text })).on('error', reject)
    })
    out.on('error', reject)
    out.end(body)
  })
}
