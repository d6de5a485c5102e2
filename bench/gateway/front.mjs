// npm run bench:gateway [-- --quick]: the gateway on a cache hit, against itself with authentication off, and against
// Debian's Caddy and nginx as reverse proxies with passwords of the same bcrypt cost, in front of the same upstream.
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import bcrypt from 'bcryptjs'
import { install } from '../lib/daemons.mjs'
import { median, printTable, spread } from '../lib/figures.mjs'
import { once as ask, basic, startGenerator } from '../lib/load.mjs'
import { PASSWORD } from '../lib/meta.mjs'
import { cpuSeconds } from '../lib/own-processes.mjs'
import { COST, createProxies } from '../lib/proxies.mjs'
import { startServe } from '../lib/serve.mjs'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
/** Each round has processes of its own, see run.mjs. */
const ROUNDS = values.quick ? 2 : 5
const WARM_UP = values.quick ? 5 : 12
const SLICES = values.quick ? 4 : 9
const REQUESTS = 2000
/**
 * nginx hashes the password of each request, on the worker's only thread: as many would take minutes. Few are enough,
 * but for a second worker: the first one takes all connections that come while it waits.
 */
const HASHED = { requests: 16, turns: 2 }
const HASHED_BY_MANY = { requests: 64, turns: 2 }

const TASKS = JSON.stringify({ tasks: Array(20).fill({ id: 'cpu-alert', vars: 'x'.repeat(60) }) })
const headers = basic('ann', PASSWORD)

const dir = mkdtempSync(`${tmpdir()}/kapacitor-auth-front-`)
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
let made = 0
let upstream
const proxies = createProxies({
  dir,
  hash: bcrypt.hashSync(PASSWORD, COST),
  upstream: () => upstream.port,
})

const has = { nginx: install('nginx', 'nginx-light'), caddy: install('caddy', 'caddy') }

/**
 * `than`: the row that the gateway's cache hit is compared with, which logs likewise. Access logs are one line a
 * request, unbuffered, to a file: JSON of some 200 bytes from the gateway, of 500 from Caddy, a plain line of 90 from
 * nginx. Without `log`: none, neither file nor pipe.
 */
const gateway = (http) => () => startGateway(http)
const ROWS = [
  {
    name: 'gateway, auth off',
    start: gateway({ 'auth-enabled': false, 'log-enabled': false }),
    against: 'hit',
    floor: 0.9,
  },
  { name: 'gateway, cache hit', key: 'hit', start: gateway({ 'log-enabled': false }) },
  {
    name: 'Caddy, one worker',
    start: () => proxies.startCaddy({ workers: 1 }),
    against: 'hit',
    floor: 0.7,
    aim: 1,
  },
  { name: 'Caddy, as it comes', start: () => proxies.startCaddy({}), against: 'hit' },
  {
    name: 'gateway, auth off, access log',
    start: gateway({ 'auth-enabled': false, 'log-enabled': true }),
    against: 'logged',
    floor: 0.9,
  },
  {
    name: 'gateway, cache hit, access log',
    key: 'logged',
    start: gateway({ 'log-enabled': true }),
  },
  {
    name: 'Caddy, one worker, access log',
    start: () => proxies.startCaddy({ workers: 1, log: true }),
    against: 'logged',
    floor: 0.7,
    aim: 1,
  },
  {
    name: 'nginx, one worker',
    start: () => proxies.startNginx({ workers: 1 }),
    against: 'hit',
    floor: 1,
    ...HASHED,
  },
  {
    name: 'nginx, as it comes (access log)',
    start: () => proxies.startNginx({ workers: 'auto', log: true }),
    against: 'logged',
    floor: 1,
    ...HASHED_BY_MANY,
  },
  {
    name: 'nginx, one worker, no auth',
    start: () => proxies.startNginx({ workers: 1, auth: false }),
    against: 'hit',
  },
].filter(({ name }) => has[name.split(',')[0].toLowerCase()] ?? true)
const HIT = Object.fromEntries(ROWS.flatMap(({ key }, n) => (key ? [[key, n]] : [])))

/**
 * What everything is in front of. nginx with a ready-made answer, since it takes the least CPU of what can be had: an
 * upstream in Node takes as long for a request as the proxies do, and on two cores would be what is measured.
 */
async function startUpstream() {
  if (!has.nginx) return startNodeUpstream()
  return proxies.startUpstream(TASKS)
}

async function startNodeUpstream() {
  console.log(
    'The upstream is a Node server, for want of nginx: the ratios come out nearer to 1.\n',
  )
  const answer = { 'Content-Type': 'application/json', 'Content-Length': TASKS.length }
  const server = createServer((_req, res) => res.writeHead(200, answer).end(TASKS))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { port: server.address().port, pid: process.pid, stop: () => server.close() }
}

async function startGateway(http) {
  const name = `gateway-${made++}`
  const url = `http://127.0.0.1:${upstream.port}`
  const sections = { http, gateway: { 'kapacitor-url': url }, meta: { 'bcrypt-cost': COST } }
  const server = await startServe({ dir, name, sections })
  if (http['auth-enabled'] !== false) {
    await server.createUser('ann', PASSWORD, { '': ['KapacitorAPI'] })
  }
  return server
}

/** One slice of a row: requests a second; the CPU seconds of the server, of upstream and of generator. */
async function measure({ port, pid }, { requests = REQUESTS }) {
  const pids = [pid, upstream.pid, generator.pid]
  const before = pids.map(cpuSeconds)
  const { seconds } = await generator.send({ port, headers, requests })
  const cpu = pids.map((one, i) => cpuSeconds(one) - before[i])
  return { perSecond: requests / seconds, cpu }
}

/** Fresh servers, warmed up and measured: for each row its slices. */
async function round() {
  const servers = []
  for (const row of ROWS) servers.push(await row.start())
  for (const { port } of servers) await ask({ port, headers })
  const slices = ROWS.map(() => [])
  for (let i = 0; i < WARM_UP + SLICES; i++) {
    const order = [...ROWS.keys()]
    for (const n of i % 2 ? order.reverse() : order) {
      const { turns } = ROWS[n]
      // A hash has nothing to warm up
      if (turns && (i < WARM_UP || i >= WARM_UP + turns)) continue
      const slice = await measure(servers[n], ROWS[n])
      if (i >= WARM_UP) slices[n].push(slice)
    }
  }
  for (const server of servers) await server.stop()
  return ROWS.map(({ against, requests = REQUESTS }, n) => {
    const ratio = (to) => median(slices[n].map((one, i) => one.perSecond / to[i].perSecond))
    // The generator sends one more request than it counts, to see how long an answer is
    const sent = slices[n].length * (requests + 1)
    return {
      perSecond: median(slices[n].map(({ perSecond }) => perSecond)),
      toOff: ratio(slices[0]),
      hit: against && 1 / ratio(slices[HIT[against]]),
      cpu: [0, 1, 2].map((i) => (slices[n].reduce((sum, one) => sum + one.cpu[i], 0) / sent) * 1e6),
    }
  })
}

const versions = [`Node ${process.version}`]
if (has.nginx) versions.push(spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr.trim())
if (has.caddy) versions.push(`Caddy ${execFileSync('caddy', ['version'], { encoding: 'utf8' })}`)
console.log(`${availableParallelism()} cores, ${cpus()[0].model}, ${versions.join(', ').trim()}`)
console.log(
  `${ROUNDS} rounds of ${SLICES} slices; each figure: median (least–greatest) of the rounds\n`,
)

upstream = await startUpstream()
const generator = startGenerator()
const rounds = []
for (let i = 0; i < ROUNDS; i++) rounds.push(await round())
generator.stop()
await upstream.stop()

printTable(
  ROWS.map(({ name, against, floor, aim }, n) => {
    const of = (figure, digits) =>
      spread(
        rounds.map((rows) => figure(rows[n])),
        digits,
      )
    const hit = against && median(rounds.map((rows) => rows[n].hit))
    const verdict = aim && hit > aim ? 'aim met' : hit >= floor ? 'met' : 'BELOW'
    return {
      server: name,
      'requests/s': of(({ perSecond }) => perSecond, perSecondDigits(name)),
      'to the gateway, auth off': of(({ toOff }) => toOff, 3),
      "the gateway's cache hit to it": against ? of(({ hit }) => hit) : '',
      floor: floor === 1 ? '> 1' : (floor ?? ''),
      aim: aim ? `> ${aim}` : '',
      '': floor ? verdict : '',
      'CPU a request, µs': of(({ cpu }) => cpu[0], 0),
    }
  }),
)
const beside = (i) =>
  spread(
    rounds.map((rows) => rows[HIT.hit].cpu[i]),
    0,
  )
console.log(
  `\nBeside the gateway, µs of CPU a request: upstream ${beside(1)}, generator ${beside(2)}`,
)

function perSecondDigits(name) {
  return ROWS.find((row) => row.name === name).requests ? 1 : 0
}
