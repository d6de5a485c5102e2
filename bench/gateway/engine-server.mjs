// One server of engines.mjs, in a process of its own: node engine-server.mjs ROLE [UPSTREAM_PORT]. Tells its port,
// and its CPU time when asked, over the IPC channel.
import { Agent, createServer, request } from 'node:http'
import { Pool } from 'undici'

const [role, upstreamPort] = process.argv.slice(2)
const TASKS = JSON.stringify({
  tasks: Array.from({ length: 20 }, (_, i) => ({
    id: `task-${i}`,
    status: 'enabled',
    vars: 'x'.repeat(40),
  })),
})

const handlers = {
  upstream(req, res) {
    if (req.method === 'GET') {
      res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': TASKS.length })
      res.end(TASKS)
      return
    }
    req.resume().on('end', () => {
      res.writeHead(204)
      res.end()
    })
  },
  'node:http': nodeProxy,
  undici: undiciProxy,
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

function nodeProxy(req, res) {
  const out = request(
    {
      agent,
      host: '127.0.0.1',
      port: upstreamPort,
      method: req.method,
      path: req.url,
      headers: withoutHost(req.rawHeaders),
    },
    (answer) => {
      res.writeHead(answer.statusCode, answer.statusMessage, endToEnd(answer.rawHeaders))
      answer.pipe(res)
    },
  )
  out.on('error', () => res.destroy())
  if (hasBody(req)) req.pipe(out)
  else out.end()
}

const pool =
  role === 'undici' ? new Pool(`http://127.0.0.1:${upstreamPort}`, { connections: 256 }) : undefined

function undiciProxy(req, res) {
  pool.dispatch(
    {
      method: req.method,
      path: req.url,
      headers: withoutHost(req.rawHeaders),
      body: hasBody(req) ? req : null,
    },
    new Handler(res),
  )
}

class Handler {
  constructor(res) {
    this.res = res
  }
  onConnect() {}
  onHeaders(status, rawHeaders, resume, statusText) {
    const headers = []
    for (const item of rawHeaders) headers.push(item.latin1Slice())
    this.res.writeHead(status, statusText, endToEnd(headers))
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

const hasBody = (req) =>
  req.headers['content-length'] !== undefined || req.headers['transfer-encoding'] !== undefined

const DROPPED = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding'])

function withoutHost(raw) {
  const kept = role === 'undici' ? [] : ['Host', `127.0.0.1:${upstreamPort}`]
  for (let i = 0; i < raw.length; i += 2) {
    if (!DROPPED.has(raw[i].toLowerCase())) kept.push(raw[i], raw[i + 1])
  }
  return kept
}

function endToEnd(raw) {
  const kept = []
  for (let i = 0; i < raw.length; i += 2) {
    if (!DROPPED.has(raw[i].toLowerCase())) kept.push(raw[i], raw[i + 1])
  }
  return kept
}

const server = createServer(handlers[role])
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system })
})
process.on('disconnect', () => process.exit())
