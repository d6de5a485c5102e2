import Koa from 'koa'
import { afterEach, expect, test } from 'vitest'
import { createUpstream } from '../../src/gateway/connections/upstream.js'
import { forward } from '../../src/gateway/forward.js'
import { cors } from '../../src/middleware/cors.js'
import { requestId } from '../../src/middleware/request-id.js'
import { startRecordingUpstream } from '../support/recording-upstream.js'
import { startServer } from '../support/servers.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(trustedProxies: string[] = []) {
  const guarded = await startRecordingUpstream({ answer: () => 'HTTP/1.1 200 OK\r\nx-request-id: upstream\r\nRequest-Id: kapacitor\r\nVary: Accept\r\nContent-Length: 0\r\n\r\n' })
  const upstream = createUpstream({ url: guarded.url })
  const app = new Koa()
  app.use(requestId({ trustedProxies }))
  app.use(cors())
  app.use(forward(upstream, { trustedProxies }))
  const server = await startServer(app.callback())
  ends.push(() => guarded.close(), () => upstream.close(), () => server.close())
  return { url: server.url, guarded }
}

const THEIRS = { 'X-Request-Id': 'theirs', 'Request-Id': 'theirs', X_Request_Id: 'theirs' }

test('the upstream reads our id, whatever the client calls the request', async () => {
  const { url, guarded } = await start()
  const answer = await fetch(`${url}/kapacitor/v1/tasks`, { headers: THEIRS })
  const ids = guarded.requests[0]?.headers.filter(([name]) => /request.?id/i.test(name))
  expect(ids).toEqual([['X-Request-Id', answer.headers.get('x-request-id')]])
  expect(answer.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
})

test('a trusted proxy’s own goes through', async () => {
  const { url, guarded } = await start(['127.0.0.1'])
  await fetch(`${url}/kapacitor/v1/tasks`, { headers: THEIRS })
  expect(guarded.requests[0]?.headers).toContainEqual(['X-Request-Id', 'theirs'])
  expect(guarded.requests[0]?.headers.filter(([, value]) => value === 'theirs')).toHaveLength(1)
})

test('the client reads ours, not the upstream’s, and what Kapacitor itself calls it', async () => {
  const { url } = await start(['127.0.0.1'])
  const { headers } = await fetch(`${url}/kapacitor/v1/tasks`, { headers: THEIRS })
  expect([headers.get('x-request-id'), headers.get('request-id')]).toEqual(['theirs', 'kapacitor'])
  expect(headers.get('vary')).toContain('Accept')
})
