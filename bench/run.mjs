// npm run bench [-- --quick]: what authentication costs, as ratios within this one run.
import { createHmac } from 'node:crypto'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { median, percentile, printTable, spread } from './lib/figures.mjs'
import { basic, latencies, once, throughput } from './lib/load.mjs'
import { PASSWORD, startMeta } from './lib/meta.mjs'
import { startProcess } from './lib/process.mjs'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
const ROUNDS = values.quick ? 3 : 7
const SECONDS = values.quick ? 1 : 3

const token = (() => {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(Date.now() / 1000) + 3600
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ username: 'ann', exp })}`
  const sign = createHmac('sha256', 'the shared secret of the benchmark').update(text)
  return `${text}.${sign.digest('base64url')}`
})()

const ann = basic('ann', PASSWORD)
const SCENARIOS = [
  { name: 'bare Koa app', server: 'bare', headers: ann },
  { name: 'cache hit, Basic', server: 'auth', headers: ann, floor: 0.85, aim: 0.97 },
  {
    name: 'cache hit, JWT (HS256)',
    server: 'auth',
    headers: { authorization: `Bearer ${token}` },
    aim: 0.95,
  },
  {
    name: 'refused, 403',
    server: 'auth',
    headers: basic('weak', PASSWORD),
    status: 403,
    aim: 0.97,
  },
  { name: 'refused, 401 without credentials', server: 'auth', headers: {}, status: 401 },
  { name: 'cache hit, digest off, bcrypt-cost 4', server: 'digest-off', headers: ann },
]

const meta = await startMeta()
const servers = {}
for (const name of new Set(SCENARIOS.map(({ server }) => server))) {
  servers[name] = await startProcess(name, meta.port)
}

/** One measurement of a scenario: requests per second, and CPU microseconds a request. */
async function measure({ server, headers, status }) {
  const { port, usage } = servers[server]
  const { cpu: before } = await usage()
  const { perSecond, total } = await throughput({ port, headers, status, seconds: SECONDS })
  const { cpu: after } = await usage()
  return { perSecond, cpu: (after - before) / total }
}

console.log(`${availableParallelism()} cores, ${cpus()[0].model}, Node ${process.version}`)
console.log(`${ROUNDS} rounds of ${SECONDS} s; each figure: median (least–greatest)\n`)

for (const { server, headers } of SCENARIOS) await once({ port: servers[server].port, headers })
for (const scenario of SCENARIOS) await measure(scenario) // warm up
const rounds = []
for (let i = 0; i < ROUNDS; i++) {
  const round = []
  for (const scenario of SCENARIOS) round.push(await measure(scenario))
  rounds.push(round)
}
printTable(
  SCENARIOS.map(({ name, floor, aim }, i) => {
    const of = (figure) => rounds.map(figure)
    const ratio = of((round) => round[i].perSecond / round[0].perSecond)
    return {
      'requests/s': name,
      'as a ratio to bare': spread(ratio),
      floor: floor ?? '',
      aim: aim ?? '',
      'CPU added, µs': spread(
        of((round) => round[i].cpu - round[0].cpu),
        1,
      ),
      'requests/s ': Math.round(median(of((round) => round[i].perSecond))),
    }
  }),
)

// 50 users sign in for the first time at once, while one cached user goes on
const { port, usage } = servers.auth
const cached = { port, headers: ann }
const storms = []
for (let i = 0; i < (values.quick ? 1 : 5); i++) {
  await usage()
  const idle = await latencies(cached, new Promise((resolve) => setTimeout(resolve, 2000)))
  const asked = { ...meta.count }
  const start = performance.now()
  const logins = Promise.all(
    Array.from({ length: 50 }, (_, n) => once({ port, headers: basic(`new-${i}-${n}`, PASSWORD) })),
  )
  await usage()
  const busy = await latencies(cached, logins)
  const seconds = (performance.now() - start) / 1000
  if ((await logins).some(({ status }) => status !== 200)) throw new Error('a login failed')
  storms.push({
    ratio: percentile(busy, 0.99) / percentile(idle, 0.99),
    idle: percentile(idle, 0.99),
    busy: percentile(busy, 0.99),
    delay: (await usage()).delayP99,
    perSecond: 50 / seconds,
    users: meta.count['/user'] - asked['/user'],
    roles: meta.count['/role'] - asked['/role'],
  })
}
const of = (figure, digits) =>
  spread(
    storms.map((storm) => storm[figure]),
    digits,
  )
console.log()
printTable([
  {
    '50 first logins at once (cost 10)': "cached user's p99 against idle",
    figure: of('ratio'),
    bound: '≤ 5',
  },
  { '50 first logins at once (cost 10)': "cached user's p99, idle, ms", figure: of('idle') },
  { '50 first logins at once (cost 10)': "cached user's p99 meanwhile, ms", figure: of('busy') },
  { '50 first logins at once (cost 10)': 'event loop delay p99, ms', figure: of('delay') },
  { '50 first logins at once (cost 10)': 'first logins/s', figure: of('perSecond', 1) },
  {
    '50 first logins at once (cost 10)': 'GET /user',
    figure: of('users', 0),
    bound: '50, or 51 with a revalidation',
  },
  { '50 first logins at once (cost 10)': 'GET /role', figure: of('roles', 0) },
])

await Promise.all(Object.values(servers).map(({ stop }) => stop()))
meta.close()
