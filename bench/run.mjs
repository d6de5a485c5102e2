// npm run bench [-- --quick]: what authentication costs, as ratios within this one run.
import { createHmac } from 'node:crypto'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { median, percentile, printTable, spread } from './lib/figures.mjs'
import { basic, latencies, once, startGenerator } from './lib/load.mjs'
import { PASSWORD, startMeta } from './lib/meta.mjs'
import { startProcess } from './lib/process.mjs'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
/** Each round has processes of its own: what V8 makes of the first requests differs from process to process. */
const ROUNDS = values.quick ? 3 : 7
/** In each round the scenarios take turns, this often, so that a slow moment of the machine meets all alike. */
const WARM_UP = values.quick ? 6 : 14
const SLICES = values.quick ? 5 : 11
/** Requests in a slice: about a tenth of a second. */
const REQUESTS = 2000

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
  { name: 'cache hit, Basic', server: 'auth', headers: ann, floor: 0.92, aim: 0.97 },
  {
    name: 'cache hit, JWT (HS256)',
    server: 'auth',
    headers: { authorization: `Bearer ${token}` },
    floor: 0.85,
    aim: 0.95,
  },
  {
    name: 'refused, 403',
    server: 'auth',
    headers: basic('weak', PASSWORD),
    status: 403,
    floor: 0.9,
    aim: 0.97,
  },
  { name: 'refused, 401 without credentials', server: 'auth', headers: {}, status: 401 },
  { name: 'cache hit, digest off, bcrypt-cost 4', server: 'digest-off', headers: ann },
]

const meta = await startMeta()
const generator = startGenerator()

/** One slice of a scenario: requests per second, and CPU microseconds a request. */
async function measure({ port, usage }, { headers, status }) {
  const { cpu: before } = await usage()
  const seconds = await generator.send({ port, headers, status, requests: REQUESTS })
  const { cpu: after } = await usage()
  return { perSecond: REQUESTS / seconds, cpu: (after - before) / REQUESTS }
}

/** Fresh servers, warmed up and measured: for each scenario its slices. */
async function round() {
  const servers = await Promise.all(SCENARIOS.map(({ server }) => startProcess(server, meta.port)))
  for (const [n, { port }] of servers.entries()) await once({ port, headers: SCENARIOS[n].headers })
  const slices = SCENARIOS.map(() => [])
  for (let i = 0; i < WARM_UP + SLICES; i++) {
    const order = [...SCENARIOS.keys()]
    for (const n of i % 2 ? order.reverse() : order) {
      const slice = await measure(servers[n], SCENARIOS[n])
      if (i >= WARM_UP) slices[n].push(slice)
    }
  }
  await Promise.all(servers.map(({ stop }) => stop()))
  const of = (figure) =>
    slices.map((list) => median(list.map((slice, i) => figure(slice, slices[0][i]))))
  return {
    ratio: of((slice, bare) => slice.perSecond / bare.perSecond),
    added: of((slice, bare) => slice.cpu - bare.cpu),
    perSecond: of((slice) => slice.perSecond),
  }
}

console.log(`${availableParallelism()} cores, ${cpus()[0].model}, Node ${process.version}`)
console.log(
  `${ROUNDS} rounds of ${SLICES} slices; each figure: median (least–greatest) of the rounds\n`,
)

const rounds = []
for (let i = 0; i < ROUNDS; i++) rounds.push(await round())
generator.stop()
printTable(
  SCENARIOS.map(({ name, floor, aim }, i) => ({
    'requests/s': name,
    'as a ratio to bare': spread(rounds.map(({ ratio }) => ratio[i])),
    floor: floor ?? '',
    aim: aim ?? '',
    'CPU added, µs': spread(
      rounds.map(({ added }) => added[i]),
      1,
    ),
    'requests/s ': Math.round(median(rounds.map(({ perSecond }) => perSecond[i]))),
  })),
)

// 50 users sign in for the first time at once, while one cached user goes on
const auth = await startProcess('auth', meta.port)
const { port, usage } = auth
await once({ port, headers: ann })
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

await auth.stop()
meta.close()
