import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { type Serving, serve } from '../../src/serve/serve.js'
import { temporaryDirectory } from '../support/program.js'
import { basic, startServer, type TestServer } from '../support/servers.js'

const directory = temporaryDirectory()
const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const ADMIN = { authorization: basic('admin', 'the admin password') }
const TASKS = '/kapacitor/v1/tasks'

let upstream: TestServer
let serving: Serving
const seen: { target: string | undefined; headers: string[]; body: string }[] = []

beforeAll(async () => {
  upstream = await startServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    seen.push({ target: req.url, headers: req.rawHeaders, body })
    res.writeHead(202, { 'content-type': 'application/json', 'x-kapacitor-version': '1.8' }).end('{"from":"kapacitor"}')
  })
  const overrides = {
    'http.bind-address': '127.0.0.1:0', 'meta.http-bind-address': '127.0.0.1:0', 'meta.dir': join(directory.path, 'meta'),
    'admin.bind-address': '127.0.0.1:0', 'meta.admin-password': 'the admin password', 'meta.bcrypt-cost': '4', 'gateway.kapacitor-url': upstream.url,
  }
  serving = await serve(loadConfig({ file: false, env: {}, overrides }), quiet)
})
beforeEach(() => { seen.length = 0 })
afterAll(async () => {
  await serving.close()
  await upstream.close()
  directory.remove()
})

const send = (target: string, init: RequestInit = {}) => fetch(serving.api.url + target, init)

test('who is known and may is passed on to Kapacitor, without the credentials and with the name', async () => {
  const answer = await send(`${TASKS}?limit=2`, { method: 'POST', body: 'a body', headers: { ...ADMIN, 'x-forwarded-user': 'root', X_Forwarded_User: 'root' } })
  expect(answer.status).toBe(202)
  expect(answer.headers.get('x-kapacitor-version')).toBe('1.8')
  expect(await answer.json()).toEqual({ from: 'kapacitor' })
  const [request] = seen
  expect(request).toMatchObject({ target: `${TASKS}?limit=2`, body: 'a body' })
  const names = request?.headers.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase())
  expect(names).not.toContain('authorization')
  expect(names?.filter((name) => name.replaceAll('_', '-') === 'x-forwarded-user')).toHaveLength(1)
  expect(request?.headers.join(' ')).toContain('admin')
  expect(request?.headers.join(' ')).not.toContain('root')
})

test('u and p in the query stay here', async () => {
  expect((await send(`${TASKS}?u=admin&%70=the+admin+password&limit=2`)).status).toBe(202)
  expect(seen).toMatchObject([{ target: `${TASKS}?limit=2` }])
})

test.each<[string, string, RequestInit, number]>([
  ['no credentials',          TASKS,                       {},                                 401],
  ['a wrong password',        TASKS,                       { headers: { authorization: basic('admin', 'no') } }, 401],
  ['an encoded dot segment',  '/kapacitor/v1/%2e%2e%2fx',  { headers: ADMIN },                 400],
  ['an unknown method',       TASKS,                       { method: 'PROPFIND', headers: ADMIN }, 405],
  ['a preflight',             TASKS,                       { method: 'OPTIONS' },              200],
])('%s never reaches Kapacitor', async (_says, target, init, status) => {
  expect((await send(target, init)).status).toBe(status)
  expect(seen).toEqual([])
})

test.each([
  ['CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: x\r\n\r\n',                                    405],
  [`GET ${TASKS} HTTP/1.1\r\nHost: x\r\nHost: y\r\nAuthorization: ${ADMIN.authorization}\r\n\r\n`, 400],
  [`GET ${TASKS} HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nAuthorization: ${ADMIN.authorization}\r\n\r\n`, 400],
  [`GET http://x${TASKS} HTTP/1.1\r\nHost: x\r\nAuthorization: ${ADMIN.authorization}\r\n\r\n`,   400],
])('refused at the door: %j', async (bytes, status) => {
  const { port } = new URL(serving.api.url)
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes))
    socket.once('data', (data) => { resolve(String(data)); socket.destroy() }).once('error', reject)
  })
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(seen).toEqual([])
})

test('a Kapacitor that is down is 502, in JSON', async () => {
  await upstream.close()
  const answer = await send(TASKS, { headers: ADMIN })
  expect(answer.status).toBe(502)
  expect(await answer.json()).toEqual({ error: expect.any(String) })
})
