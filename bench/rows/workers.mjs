// What a second worker brings, on as many cores as there are.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import bcrypt from 'bcryptjs'
import { CAN_PIN } from '../lib/core.mjs'
import { install } from '../lib/daemons.mjs'
import { median } from '../lib/figures.mjs'
import { basic } from '../lib/load.mjs'
import { PASSWORD } from '../lib/meta.mjs'
import { cpuSeconds } from '../lib/own-processes.mjs'
import { startProcess } from '../lib/process.mjs'
import { COST, createProxies } from '../lib/proxies.mjs'
import { row } from '../lib/rows.mjs'
import { startServe } from '../lib/serve.mjs'
import { inTurns } from '../lib/turns.mjs'
import { startWrk } from '../lib/wrk.mjs'

/**
 * @param {{ rounds: number, warmUp: number, slices: number, withComparison: boolean }} options slices of a second;
 *   `withComparison`: whether to show what a second core brings at all
 */
export async function workers({ rounds, warmUp, slices, withComparison }) {
  if (!install('nginx', 'nginx-light') || !install('wrk', 'wrk')) return []
  const generator = startWrk(1)
  const dir = mkdtempSync(`${tmpdir()}/kapacitor-auth-workers-`)
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  let upstream
  let made = 0
  const proxies = createProxies({
    dir,
    hash: bcrypt.hashSync(PASSWORD, 4),
    upstream: () => upstream.port,
  })
  upstream = await proxies.startUpstream('{"tasks":[]}')

  async function startGateway(count) {
    const server = await startServe({
      dir,
      name: `gateway-${made++}`,
      sections: {
        http: { 'log-enabled': false, workers: count },
        gateway: { 'kapacitor-url': `http://127.0.0.1:${upstream.port}` },
        meta: { 'bcrypt-cost': COST },
      },
    })
    await server.createUser('ann', PASSWORD, { '': ['KapacitorAPI'] })
    return { ...server, cpu: async () => cpuSeconds(server.pid) * 1e6 }
  }

  const headers = basic('ann', PASSWORD)
  const scenarios = [1, 2].map((count) => ({ headers, start: () => startGateway(count) }))
  const taken = await inTurns({ scenarios, generator, rounds, warmUp, slices })
  await upstream.stop()
  rmSync(dir, { recursive: true, force: true })
  const second = withComparison && CAN_PIN && (await secondCore(rounds))
  const compare = (figure) =>
    taken.map(([one, two]) => median(two.map((slice, i) => figure(slice, one[i]))))
  return [
    'the gateway with 2 workers against 1 (upstream and generator share the cores)',
    row(
      'requests/s',
      compare((two, one) => two.perSecond / one.perSecond),
      { floor: 1.6, aim: 1.9 },
    ),
    row(
      'CPU a request',
      compare((two, one) => two.cpu / one.cpu),
      { better: 'less' },
    ),
    ...(second ? [row('two Koa applications that share nothing against one', second)] : []),
  ]
}

/**
 * What this machine's second core brings to those who share nothing but the machine, each on a core with a generator of its
 * own: cores may be two halves of one.
 */
async function secondCore(rounds) {
  const pairs = await Promise.all(
    [0, 1].map(async (core) => {
      const server = await startProcess('bare', 0, core)
      const generator = startWrk(1, core)
      const perSecond = async () => {
        const { requests, seconds } = await generator.send({ port: server.port })
        return requests / seconds
      }
      return { server, perSecond }
    }),
  )
  const each = () => Promise.all(pairs.map(({ perSecond }) => perSecond()))
  for (let i = 0; i < 4; i++) await each() // warms up
  const ratios = []
  for (let i = 0; i < rounds; i++) {
    const alone = (await pairs[0].perSecond()) + (await pairs[1].perSecond())
    const [one, other] = await each()
    ratios.push((one + other) / (alone / 2))
  }
  for (const { server } of pairs) await server.stop()
  return ratios
}
