import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import Koa, { type Context } from 'koa'
import { afterEach, expect, test } from 'vitest'
import { type AccessLogOptions, accessLog } from '../../src/middleware/access-log.js'
import { requestId } from '../../src/middleware/request-id.js'
import { startServer, type TestServer } from '../support/servers.js'
import { until } from '../support/until.js'

type Line = Record<string, unknown>

let server: TestServer | undefined
afterEach(() => server?.close())

/** An application with a log; `next` tells the next line that has not been told yet. */
async function start(handle: (ctx: Context) => unknown, options: AccessLogOptions = {}) {
  const lines: Line[] = []
  const waiting: ((line: Line) => void)[] = []
  const info = (fields: object) => {
    const line = JSON.parse(JSON.stringify(fields)) as Line
    const waiter = waiting.shift()
    if (waiter) waiter(line)
    else lines.push(line)
  }
  const app = new Koa()
  app.on('error', () => {})
  app.use(requestId(options))
  app.use(accessLog({ info, warn() {}, error() {} }, options))
  app.use(handle)
  server = await startServer(app.callback())
  const next = () => new Promise<Line>((resolve) => {
    const line = lines.shift()
    if (line) resolve(line)
    else waiting.push(resolve)
  })
  return { url: server.url, port: server.port, next }
}

test('a line has everything that was asked for, and nothing secret', async () => {
  const { url, next } = await start((ctx) => {
    ctx.state.user = { name: 'ann' }
    ctx.body = { tasks: [] }
  })
  const answer = await fetch(`${url}/kapacitor/v1/tasks?u=ann&p=apw&limit=1`, { method: 'POST' })
  expect(await next()).toEqual({
    client: '127.0.0.1',
    user: 'ann',
    method: 'POST',
    path: '/kapacitor/v1/tasks',
    status: 200,
    bytes: 12,
    duration: expect.any(Number),
    requestId: answer.headers.get('x-request-id'),
    complete: true,
  })
})

test('the client is whom a trusted proxy vouches for', async () => {
  const { url, next } = await start((ctx) => { ctx.status = 204 }, { trustedProxies: ['127.0.0.1'] })
  await fetch(url, { headers: { 'X-Forwarded-For': '198.51.100.9, 203.0.113.5', 'X-Request-Id': 'from-proxy' } })
  expect(await next()).toMatchObject({ client: '203.0.113.5', proxy: '127.0.0.1', requestId: 'from-proxy' })
})

test.each<[string, string, (ctx: Context) => unknown, number, number]>([
  // says                          method    handle                                                          status  bytes
  ['a text',                       'GET',    (ctx) => { ctx.body = 'hällo' },                                200,    6],
  ['bytes',                        'GET',    (ctx) => { ctx.body = Buffer.alloc(100_000) },                  200,    100_000],
  ['a stream',                     'GET',    (ctx) => { ctx.body = Readable.from(['ab', 'cde']) },           200,    5],
  ['pieces, in their encodings',   'GET',    ({ res }) => { res.statusCode = 200; res.write('abcd', 'hex'); res.end('é', 'latin1') }, 200, 3],
  ['pieces, and what hears of it', 'GET',    ({ res }) => { res.statusCode = 200; res.write('ab', () => {}); res.end(() => {}) },  200,    2],
  ['nothing at all',               'GET',    (ctx) => { ctx.status = 204 },                                  204,    0],
  ['a head only',                  'HEAD',   (ctx) => { ctx.body = 'hello' },                                200,    0],
  ['nothing new',                  'GET',    ({ res }) => { res.statusCode = 304; res.end('hello') },        304,    0],
  ['an error',                     'GET',    () => { throw new Error('x') },                                 500,    21],
])('bytes are the body’s: %s', async (_says, method, handle, status, bytes) => {
  const { url, next } = await start((ctx) => {
    handle(ctx)
    if (ctx.res.headersSent || ctx.res.writableEnded) ctx.respond = false
  })
  await (await fetch(url, { method })).text()
  expect(await next()).toMatchObject({ status, bytes, complete: true })
})

test('a client that goes away is logged too, as not complete', async () => {
  const { port, next } = await start((ctx) => {
    ctx.respond = false
    ctx.res.write('half')
  })
  const client = connect(port, '127.0.0.1')
  client.write('GET /slow HTTP/1.1\r\nHost: me\r\n\r\n')
  await once(client, 'data')
  client.destroy()
  expect(await next()).toMatchObject({ path: '/slow', bytes: 4, complete: false })
})

test('mounted twice, it counts once and logs twice', async () => {
  const lines: Line[] = []
  const log = accessLog({ info: (fields: object) => { lines.push(fields as Line) }, warn() {}, error() {} })
  const app = new Koa()
  app.use(log)
  app.use(log)
  app.use((ctx) => { ctx.body = 'hello' })
  server = await startServer(app.callback())
  expect(await (await fetch(server.url)).text()).toBe('hello')
  await until(() => lines.length >= 2)
  expect(lines.map(({ bytes }) => bytes)).toEqual([5, 5])
})
