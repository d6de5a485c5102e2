// npm run soak [-- --seconds N]: mixed traffic through the gateway over HTTPS, with clients that vanish, an upstream
// that is killed and started again, and certificates that are replaced. Is every request answered, and is nothing kept
// afterwards? Ends with 1 if not.
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { printTable } from './lib/figures.mjs'
import { cpuSeconds, freePort, start, stop } from './lib/own-processes.mjs'
import { startServe } from './lib/serve.mjs'
import { createClients } from './soak/clients.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    keep: { type: 'boolean', default: false },
  },
})
const SECONDS = Number(values.seconds)
if (!(SECONDS >= 5 && SECONDS <= 3600)) throw new Error('--seconds takes a number from 5 to 3600')
/** The same traffic before the first figures are taken: until caches are full, and what V8 compiles is compiled. */
const WARM_UP = Math.max(10, SECONDS / 3)
/** Idle connections are closed within this time, on both sides of the gateway. */
const QUIET = 10_000
const PASSWORD = 'a password of the soak'
/** After a kill, answers that had begun may be cut off, and for so long. */
const KILL_SHADOW = 1000

const dir = mkdtempSync(`${tmpdir()}/kapacitor-auth-soak-`)
process.on('exit', () => values.keep || rmSync(dir, { recursive: true, force: true }))

/** What became of the requests that must be answered, by kind of client. */
const tally = {
  kinds: new Map(),
  complaints: new Map(),
  clients: 0,
  async ask(kind, begin) {
    const counts = this.kinds.get(kind) ?? { asked: 0, answered: 0, statuses: {}, slowest: 0 }
    this.kinds.set(kind, counts)
    counts.asked++
    const started = performance.now()
    await new Promise((resolve) => {
      let isSettled = false
      begin((outcome, status, why) => {
        if (isSettled) return
        isSettled = true
        const isExcused = outcome === 'cut off' && isKillNear(started)
        const name = isExcused ? 'cut off by a kill' : outcome
        counts[name] = (counts[name] ?? 0) + 1
        if (status) counts.statuses[status] = (counts.statuses[status] ?? 0) + 1
        counts.slowest = Math.max(counts.slowest, performance.now() - started)
        if (!isExcused && outcome !== 'answered') this.complain(`${kind}: ${outcome}`, status, why)
        resolve()
      })
    })
  },
  complain(what, status, why) {
    const text = [what, status, why].filter(Boolean).join(', ')
    this.complaints.set(text, (this.complaints.get(text) ?? 0) + 1)
  },
  vanished() {
    this.clients++
  },
  reset() {
    this.kinds.clear()
    this.complaints.clear()
    this.clients = 0
  },
}

const kills = []
const isKillNear = (started) =>
  kills.some((at) => at >= started - KILL_SHADOW && at <= performance.now())

// Certificates: one authority, which clients trust, and as many leaves as are needed

const openssl = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function makeAuthority() {
  openssl('req', '-x509', ...KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=soak')
  return readFileSync(`${dir}/ca.pem`, 'utf8')
}

/** Puts a new certificate and its key where the server reads them, as certbot does: one file after the other. */
function rotate() {
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  const request = ['req', '-x509', ...KEY, '-days', '2', '-subj', '/CN=localhost', '-addext', names]
  openssl(...request, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-keyout', 'new.key', '-out', 'new.pem')
  const { fingerprint256 } = new X509Certificate(readFileSync(`${dir}/new.pem`))
  renameSync(`${dir}/new.pem`, `${dir}/server.pem`)
  renameSync(`${dir}/new.key`, `${dir}/server.key`)
  return fingerprint256
}

/** The certificate that new connections are shown. */
function shownCertificate() {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: server.port, ca, servername: 'localhost' })
    socket.on('error', reject).on('secureConnect', () => {
      resolve(socket.getPeerX509Certificate().fingerprint256)
      socket.destroy()
    })
  })
}

async function rotations(until) {
  const counts = { made: 0, shown: 0 }
  while (performance.now() < until - 4000) {
    const fingerprint = rotate()
    counts.made++
    // Every other time the server is told; else it has to see by itself
    if (counts.made % 2 === 0 && reloadsAtHangup) process.kill(server.pid, 'SIGHUP')
    for (let tries = 0; tries < 30; tries++) {
      await pause(100)
      if ((await shownCertificate()) !== fingerprint) continue
      counts.shown++
      break
    }
    await pause(4000)
  }
  return counts
}

async function startUpstream() {
  const script = fileURLToPath(new URL('./soak/upstream.mjs', import.meta.url))
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc']
  const child = start(process.execPath, [script, String(upstreamPort)], { stdio })
  await once(child, 'message')
  return child
}

/** Every other time without a farewell. */
async function restarts(until) {
  let count = 0
  while (performance.now() < until - 5000) {
    await pause(4000)
    kills.push(performance.now())
    await stop(upstream, count++ % 2 ? 'SIGTERM' : 'SIGKILL')
    kills.push(performance.now())
    await pause(count % 3 ? 300 : 1200)
    upstream = await startUpstream()
  }
  return count
}

/** All clients at once, until the time is up; then none has a connection left. */
async function traffic(seconds) {
  const until = performance.now() + seconds * 1000
  const cpu = () => [server.pid, process.pid].map(cpuSeconds)
  const cpuBefore = cpu()
  const { agent, visits } = createClients({
    port: server.port,
    ca,
    password: PASSWORD,
    server,
    tally,
  })
  const visitors = Object.values(visits).flatMap(([count, rest, visit]) =>
    Array.from({ length: count }, async () => {
      while (performance.now() < until) {
        await visit()
        await pause(rest * (0.5 + Math.random()))
      }
    }),
  )
  const [restarted, rotated] = await Promise.all([restarts(until), rotations(until), ...visitors])
  const [ofServer, ofClients] = cpu().map((one, i) => (one - cpuBefore[i]) / seconds)
  agent.destroy()
  await pause(QUIET)
  return { restarted, rotated, ofServer, ofAll: ofClients, ...(await server.figures()) }
}

const upstreamPort = await freePort()
let upstream = await startUpstream()
const ca = makeAuthority()
rotate()
const server = await startServe({
  dir,
  name: 'soak',
  figures: true,
  sections: {
    http: {
      'https-enabled': true,
      'https-certificate': `${dir}/server.pem`,
      'https-private-key': `${dir}/server.key`,
    },
    // Few enough that the warm-up fills the cache, and cheap enough that there are many first logins
    auth: { 'cache-size': 50, 'bcrypt-cost': 5 },
    meta: { 'bcrypt-cost': 5 },
    gateway: { 'kapacitor-url': `http://127.0.0.1:${upstreamPort}` },
  },
})
await server.createUser('ann', PASSWORD, { '': ['KapacitorAPI'], soak: ['WriteData'] })
await server.createUser('bob', PASSWORD, { '': ['KapacitorAPI'] })
await server.createUser('weak', PASSWORD)
const atStart = await server.figures()
const { reloadsAtHangup } = atStart

console.log(`${availableParallelism()} cores, ${cpus()[0].model}, Node ${process.version}`)
console.log(
  `${WARM_UP} s of warm-up, ${SECONDS} s of traffic, ${QUIET / 1000} s of quiet after each\n`,
)
const before = await traffic(WARM_UP)
tally.reset()
const after = await traffic(SECONDS)

printTable(
  [...tally.kinds].sort().map(([kind, counts]) => ({
    'must be answered': kind,
    asked: counts.asked,
    answered: counts.answered,
    'cut off by a kill': counts['cut off by a kill'] ?? 0,
    'cut off': counts['cut off'] ?? 0,
    wrong: counts.wrong ?? 0,
    unanswered: counts.unanswered ?? 0,
    'slowest, ms': Math.round(counts.slowest),
    statuses: Object.entries(counts.statuses)
      .map(([status, count]) => `${status}: ${count}`)
      .join(' '),
  })),
)
const MB = 1024 * 1024
const mb = (bytes) => (bytes / MB).toFixed(1)
const used = ({ heapUsed, external }) => heapUsed + external
const total = (name) =>
  [...tally.kinds.values()].reduce((sum, counts) => sum + (counts[name] ?? 0), 0)
const { restarted, rotated } = after
const isAlive = server.child.exitCode === null && server.child.signalCode === null
const growth = (figure) => `${((figure(after) / figure(before) - 1) * 100).toFixed(1)} %`

// Its own log is JSON. Node warns of listeners that pile up on a connection, which are gone with it before they are counted
const log = readFileSync(`${dir}/soak.log`, 'utf8').trim().split('\n')
const warnings = log.filter((line) => line !== '' && !line.startsWith('{'))
const visits = total('asked') + tally.clients
const perVisit = Math.round((used(after) - used(before)) / visits)

const promises = [
  {
    promise: 'every request is answered',
    figure: `${total('answered')} of ${total('asked')}, ${total('cut off by a kill')} cut off by a kill`,
    kept: total('answered') + total('cut off by a kill') === total('asked'),
  },
  {
    promise: 'a new certificate is shown within 3 s',
    figure: `${rotated.shown} of ${rotated.made}`,
    kept: rotated.shown === rotated.made,
  },
  {
    promise: 'sockets are back to where they were',
    figure: `${atStart.sockets} at the start, ${before.sockets} before, ${after.sockets} after`,
    kept: after.sockets <= atStart.sockets,
  },
  {
    promise: 'open files too',
    figure: `${before.files} before, ${after.files} after`,
    kept: after.files <= before.files,
  },
  {
    promise: 'heap and buffers within 10 %, after collection',
    figure: `${mb(used(before))} MB before, ${mb(used(after))} MB after: ${growth(used)}, ${perVisit} bytes a request`,
    kept: used(after) <= used(before) * 1.1,
  },
  {
    promise: 'resident memory within 10 %',
    figure: `${mb(before.rss)} MB before, ${mb(after.rss)} MB after: ${growth(({ rss }) => rss)}`,
    kept: after.rss <= before.rss * 1.1,
  },
  { promise: 'Node warns of nothing', figure: `${warnings.length} lines`, kept: !warnings.length },
  { promise: 'the server lives', figure: '', kept: isAlive },
]
console.log(
  `\n${tally.clients} clients vanished, ${restarted} restarts of the upstream; of the CPU's ${availableParallelism()} cores ` +
    `the server took ${after.ofServer.toFixed(2)}, clients and upstream ${(after.ofAll - after.ofServer).toFixed(2)}`,
)
if (!reloadsAtHangup) console.log('The server does not reload at SIGHUP: it was sent none')
console.log()
printTable(promises.map(({ kept, ...row }) => ({ ...row, '': kept ? 'kept' : 'BROKEN' })))
const held = ({ resources }) => JSON.stringify(resources)
const holdings = [atStart, before, after].map(held)
if (new Set(holdings).size > 1) {
  console.log(`\nheld at the start, before, after: ${holdings.join(' ')}`)
}
if (tally.complaints.size > 0) console.log()
for (const [text, count] of [...tally.complaints].slice(0, 20)) console.log(`${count} × ${text}`)
for (const line of warnings.slice(0, 5)) console.log(line)
if (values.keep) console.log(`\nThe server's log: ${dir}/soak.log`)

await server.stop()
await stop(upstream)
process.exitCode = promises.every(({ kept }) => kept) ? 0 : 1
