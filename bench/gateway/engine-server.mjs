// One server of engines.mjs, in a process of its own: node engine-server.mjs ROLE [UPSTREAM_PORT]. Tells its port,
// and its CPU time when asked, over the IPC channel.
import { Agent, createServer, request } from 'node:http'
import { connect } from 'node:net'
import { Pool } from 'undici'
import { ConnectionPool } from '../../dist/gateway/connections/connection-pool.js'

const [role, upstreamPort] = process.argv.slice(2)
const at = { host: '127.0.0.1', port: Number(upstreamPort) }
const TASKS = JSON.stringify({ tasks: Array(20).fill({ id: 'cpu-alert', vars: 'x'.repeat(60) }) })

const roles = {
  upstream: () => answer,
  'node:http': () => nodeProxy(new Agent({ keepAlive: true, maxSockets: 256 })),
  'node:http, our pool': () => {
    const open = () => connect({ ...at, noDelay: true })
    const limits = { maxConnections: 256, maxWaiting: 0, waitTimeout: 1, keepAlive: 4000 }
    return nodeProxy(new ConnectionPool({ open, ...limits }))
  },
  undici: () => undiciProxy(new Pool(`http://127.0.0.1:${upstreamPort}`, { connections: 256 })),
}

function answer(req, res) {
  if (req.method === 'GET') {
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': TASKS.length })
    res.end(TASKS)
  } else req.resume().on('end', () => res.writeHead(204).end())
}

const nodeProxy = (agent) => (req, res) => {
  const headers = ['Host', `127.0.0.1:${upstreamPort}`, ...endToEnd(req.rawHeaders)]
  const out = request({ agent, ...at, method: req.method, path: req.url, headers })
  out.on('response', (incoming) => {
    res.writeHead(incoming.statusCode, incoming.statusMessage, endToEnd(incoming.rawHeaders))
    relay(incoming, res)
  })
  out.on('error', () => res.destroy())
  if (hasBody(req)) relay(req, out)
  else out.end()
}

function relay(from, to) {
  from.on('data', (chunk) => to.write(chunk) || from.pause())
  from.on('end', () => to.end())
  to.on('drain', () => from.resume())
}

const undiciProxy = (pool) => (req, res) => {
  const headers = endToEnd(req.rawHeaders)
  const body = hasBody(req) ? req : null
  pool.dispatch({ method: req.method, path: req.url, headers, body }, new Relay(res))
}

/** What undici calls with the pieces of an answer. */
class Relay {
  constructor(res) {
    this.res = res
  }
  onConnect() {}
  onHeaders(status, rawHeaders, resume, statusText) {
    this.res.writeHead(status, statusText, endToEnd(rawHeaders.map((item) => item.latin1Slice())))
    this.res.on('drain', resume)
    return true
  }
  onData(chunk) {
    return this.res.write(chunk)
  }
  onComplete() {
    this.res.end()
  }
  onError() {
    this.res.destroy()
  }
}

const hasBody = ({ headers }) => 'content-length' in headers || 'transfer-encoding' in headers

const DROPPED = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding'])

function endToEnd(raw) {
  const kept = []
  for (let i = 0; i < raw.length; i += 2) {
    if (!DROPPED.has(raw[i].toLowerCase())) kept.push(raw[i], raw[i + 1])
  }
  return kept
}

const server = createServer(roles[role]())
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system })
})
process.on('disconnect', () => process.exit())
