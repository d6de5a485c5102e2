// A client that floods a server with bad tokens of an identity provider, in a process of its own. Told by IPC
// `{port, issuer, kind, perSecond}`, it begins; `{}` ends it. It answers `{statuses}` when what was before has ended.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createProvider } from './provider.mjs'

/** Connections: more requests than that do not wait at once. */
const CONNECTIONS = 16

const stranger = createProvider()

/** A token of somebody else's key, in the form of the provider's; each is another one. */
function forged(issuer, i) {
  const [head, body, signature] = stranger.tokenOf(issuer, { sub: `nobody-${i % 50}` }).split('.')
  return [head, body, `${i.toString(36).padStart(8, 'A')}${signature.slice(8)}`].join('.')
}

const BAD = [
  forged,
  (issuer, i) => stranger.tokenOf(issuer, {}, `kid-${i}`),
  (issuer, i) => stranger.tokenOf(issuer, { exp: 1_000_000_000 + i }),
]

/** Made before, so that this process has time to send them. */
const READY = 1500

const KINDS = {
  tokens: (issuer) =>
    Array.from(
      { length: READY },
      (_, i) => `Authorization: Bearer ${BAD[i % BAD.length](issuer, i)}\r\n`,
    ),
  'no credentials': () => [''],
}

const requestOf = (header) =>
  Buffer.from(`GET /kapacitor/v1/tasks HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`)

/** A connection that sends one request at a time, and counts the answers by status. */
async function open(port, statuses) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  let answered
  socket.on('data', (chunk) => {
    const status = chunk.toString('latin1', 9, 12)
    statuses[status] = (statuses[status] ?? 0) + 1
    answered()
  })
  return {
    send: (bytes) => {
      socket.write(bytes)
      return new Promise((resolve) => {
        answered = resolve
      })
    },
    end: () => socket.destroy(),
  }
}

/** By issuer and kind: signing so many takes a second. */
const known = new Map()

function requestsOf(kind, issuer) {
  const key = `${kind} ${issuer}`
  if (!known.has(key)) known.set(key, KINDS[kind](issuer).map(requestOf))
  return known.get(key)
}

let current
let running

/** Sends them one after the other at that rate; what could not be sent in time is left out. */
async function flood(run, { port, issuer, kind, perSecond }) {
  const requests = requestsOf(kind, issuer)
  const statuses = {}
  const free = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port, statuses)))
  const start = performance.now()
  let sent = 0
  while (run === current) {
    const due = Math.floor(((performance.now() - start) / 1000) * perSecond)
    for (; sent < due; sent++) {
      const connection = free.pop()
      connection?.send(requests[sent % requests.length]).then(() => free.push(connection))
    }
    await pause(1)
  }
  while (free.length < CONNECTIONS) await pause(1)
  for (const { end } of free) end()
  return statuses
}

process.on('message', async (order) => {
  const run = {}
  current = run
  const statuses = await running
  running = order.port ? flood(run, order) : undefined
  process.send({ statuses })
})
process.on('disconnect', () => process.exit())
