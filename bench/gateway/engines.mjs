// npm run build && node bench/gateway/engines.mjs [--quick]: which client should carry the gateway's requests to the
// upstream? A proxy as small as it can be, on each candidate, before the same upstream, in turn.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { median, printTable, spread } from '../lib/figures.mjs'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const ROUNDS = values.quick ? 3 : 9
const SECONDS = values.quick ? 1 : 2
const ENGINES = ['node:http', 'node:http, our pool', 'undici']
const POINTS = 'cpu,host=a usage=1 1700000000000000000\n'.repeat(100)
const LOADS = [
  { name: 'GET, 2 kB answer', path: '/tasks', method: 'GET' },
  { name: 'POST, 4 kB body, 204', path: '/write', method: 'POST', body: POINTS },
]

async function start(role, ...args) {
  const child = fork(new URL('./engine-server.mjs', import.meta.url), [role, ...args.map(String)])
  const [{ port }] = await once(child, 'message')
  return {
    port,
    async cpu() {
      child.send('cpu')
      return (await once(child, 'message'))[0].cpu
    },
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function measure(server, { path, method, body }, seconds) {
  const before = await server.cpu()
  const result = await autocannon({
    url: `http://127.0.0.1:${server.port}${path}`,
    connections: 32,
    duration: seconds,
    method,
    ...(body && { body }),
  })
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.errors} errors`)
  const total = result.requests.total
  return { perSecond: total / result.duration, cpu: ((await server.cpu()) - before) / total }
}

const upstream = await start('upstream')
const servers = {}
for (const engine of ENGINES) servers[engine] = await start(engine, upstream.port)

console.log(`${availableParallelism()} cores, ${cpus()[0].model}, Node ${process.version}`)
console.log(`${ROUNDS} rounds of ${SECONDS} s; each figure: median (least–greatest)\n`)
const rows = []
for (const load of LOADS) {
  for (const engine of ENGINES) await measure(servers[engine], load, 2) // warm up
  const rounds = []
  for (let i = 0; i < ROUNDS; i++) {
    const round = []
    for (const engine of ENGINES) round.push(await measure(servers[engine], load, SECONDS))
    rounds.push(round)
  }
  ENGINES.forEach((engine, i) => {
    rows.push({
      load: load.name,
      engine,
      'requests/s': Math.round(median(rounds.map((round) => round[i].perSecond))),
      [`as a ratio to ${ENGINES[0]}`]: spread(rounds.map((r) => r[i].perSecond / r[0].perSecond)),
      'CPU a request, µs': spread(
        rounds.map((round) => round[i].cpu),
        1,
      ),
    })
  })
}
printTable(rows)
await Promise.all([upstream, ...Object.values(servers)].map((server) => server.stop()))
