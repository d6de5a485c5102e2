import { readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { type Serving, serve } from '../../src/serve/serve.js'
import { rawClient } from '../gateway/raw-client.js'
import { temporaryDirectory } from '../support/program.js'
import { basic, startServer, type TestServer } from '../support/servers.js'
import { until } from '../support/until.js'

const directory = temporaryDirectory()
const file = join(directory.path, 'audit.log')
const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const ADMIN = `Authorization: ${basic('admin', 'the admin password')}`
const HOST = 'Host: x'
const SECRET = 'hunter2'

let upstream: TestServer
let reached = 0
const servings: Serving[] = []

async function start(more: Record<string, string> = {}): Promise<Serving> {
  const n = servings.length
  const serving = await serve(loadConfig({ file: false, env: {}, overrides: {
    'http.bind-address': '127.0.0.1:0', 'http.max-header-bytes': '4096',
    'meta.http-bind-address': '127.0.0.1:0', 'meta.dir': join(directory.path, `meta${n}`), 'meta.bcrypt-cost': '4', 'meta.admin-password': 'the admin password',
    'admin.enabled': 'false', 'gateway.kapacitor-url': upstream.url, 'audit.enabled': 'true', 'audit.path': file, ...more,
  } }), quiet)
  servings.push(serving)
  return serving
}

beforeAll(async () => {
  upstream = await startServer((_req, res) => {
    reached++
    res.end()
  })
  await start()
})
beforeEach(() => {
  truncateSync(file)
  reached = 0
})
afterAll(async () => {
  for (const serving of servings) await serving.close()
  await upstream.close()
  directory.remove()
})

/** Decisions alone: the first administrators of the meta nodes beside them leave lines, too. */
const audited = () => readFileSync(file, 'utf8').split('\n').slice(0, -1).filter((line) => line.includes('"event":"decision"'))
const portOf = (serving = servings[0]) => Number(new URL(serving?.api.url ?? '').port)
const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`

/** What is answered first, once the server has ended the connection or `count` lines are in the log. */
async function refusalOf(bytes: string, count = 1, port = portOf()) {
  const client = await rawClient(port)
  client.send(bytes)
  const answer = await client.answer()
  await until(() => audited().length >= count)
  client.close()
  return answer
}

const POST = 'POST /kapacitor/v1/tasks HTTP/1.1'
const PATH = '/kapacitor/v1/tasks'

describe('what cannot be judged is in the audit log: by screening, with what was read', () => {
  test.each<[string, string, number, string, object]>([
    // says                       bytes                                                                          status  code                        line
    ['two hosts',                 lines(`${POST.replace(' HTTP', `?p=${SECRET} HTTP`)}`, HOST, 'Host: y', ADMIN), 400,   'ERR_REQUEST_AMBIGUOUS',    { method: 'POST', path: PATH }],
    ['another coding',            lines(POST, HOST, 'Transfer-Encoding: gzip, chunked'),                          400,   'ERR_REQUEST_INVALID',      { method: 'POST', path: PATH }],
    ['an ambiguous path',         lines(`GET /a%2fb?p=${SECRET} HTTP/1.1`, HOST),                                 400,   'ERR_REQUEST_AMBIGUOUS',    { method: 'GET', path: '/a%2fb' }],
    ['absolute-form',             lines(`GET http://u:${SECRET}@x/tasks?p=${SECRET} HTTP/1.1`, HOST),             400,   'ERR_REQUEST_AMBIGUOUS',    { method: 'GET' }],
    ['a method that is none here', lines('PROPFIND / HTTP/1.1', HOST),                                            405,   'ERR_METHOD_UNKNOWN',       { method: 'PROPFIND', path: '/' }],
  ])('%s', async (_says, bytes, status, code, line) => {
    const answer = await refusalOf(bytes)
    expect(answer.status).toBe(status)
    const [text = ''] = audited()
    expect(JSON.parse(text)).toMatchObject({ event: 'decision', outcome: 'refused', code, client: '127.0.0.1', via: 'none', requestId: answer.headers['x-request-id'], ...line })
    expect(answer.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/)
    expect(JSON.parse(text)).not.toHaveProperty('user')
    expect(text).not.toMatch(/hunter2|the admin password|YWRtaW4/)
    expect(reached).toBe(0)
  })
})

describe('by the parser, without', () => {
  test.each<[string, string, number, string]>([
    // says                       bytes                                                                                      status  code
    ['two lengths',               lines(POST, HOST, ADMIN, 'Content-Length: 1', 'Content-Length: 2'),                         400,   'ERR_REQUEST_INVALID'],
    ['a length beside a coding',  lines(`POST /?p=${SECRET} HTTP/1.1`, HOST, 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400, 'ERR_REQUEST_INVALID'],
    ['a folded line',             lines(POST, HOST, `X: a\r\n ${SECRET}`),                                                    400,   'ERR_REQUEST_INVALID'],
    ['noise',                     `${SECRET}\x01\x02\r\n\r\n`,                                                                405,   'ERR_METHOD_UNKNOWN'],
    ['too much of headers',       lines('GET / HTTP/1.1', HOST, `X: ${SECRET.repeat(1000)}`),                                 431,   'ERR_HEADERS_TOO_LARGE'],
  ])('%s', async (_says, bytes, status, code) => {
    expect((await refusalOf(bytes)).status).toBe(status)
    const { time, ...line } = JSON.parse(audited()[0] ?? '')
    expect(line).toEqual({ event: 'decision', outcome: 'refused', code, client: '127.0.0.1', door: 'kapacitor', via: 'none' })
    expect(time).toMatch(/^\d{4}-.*Z$/)
    expect(reached).toBe(0)
  })

  test.each<[string, string, string, number, object]>([
    // says                                   headers                                       request line              status  line
    ['a request without host',                'X: 1',                                       `GET /a?p=${SECRET}`,     400,    { code: 'ERR_REQUEST_INVALID', method: 'GET', path: '/a' }],
    ['an upgrade, which is a request',        'Connection: upgrade\r\nUpgrade: h2c',        `GET /a?p=${SECRET}`,     400,    { code: 'ERR_REQUEST_INVALID', method: 'GET', path: '/a' }],
    ['CONNECT, too',                          'X: 1',                                       'CONNECT x:80',           405,    { code: 'ERR_METHOD_UNKNOWN', method: 'CONNECT', path: 'x:80' }],
  ])('%s', async (says, headers, line, status, expected) => {
    expect((await refusalOf(lines(`${line} HTTP/1.1`, ...(says.includes('without host') ? [] : [HOST]), headers))).status).toBe(status)
    expect(JSON.parse(audited()[0] ?? '')).toMatchObject({ outcome: 'refused', client: '127.0.0.1', via: 'none', ...expected })
    expect(audited().join()).not.toContain(SECRET)
  })

  test('a body that goes wrong behind a decision has a line of its own, and the same id', async () => {
    await (await fetch(`${servings[0]?.api.url}${PATH}`, { headers: { authorization: basic('admin', 'the admin password') } })).text()
    await until(() => audited().length === 1)
    truncateSync(file)
    await refusalOf(`${lines(POST, HOST, ADMIN, 'Transfer-Encoding: chunked')}no chunk\r\n`, 2)
    const [allowed, refused] = audited().map((line) => JSON.parse(line))
    expect(allowed).toMatchObject({ outcome: 'allowed', user: 'admin' })
    expect(refused).toMatchObject({ outcome: 'refused', code: 'ERR_REQUEST_INVALID', client: '127.0.0.1', requestId: allowed.requestId, method: 'POST', path: PATH })
    expect(refused).not.toHaveProperty('user')
  })

  test('what was refused already is not refused once more for its body', async () => {
    const client = await rawClient(portOf())
    client.send(lines(POST, HOST, 'Transfer-Encoding: chunked'))
    expect((await client.answer('POST')).status).toBe(401)
    client.send('no chunk\r\n')
    await client.ended()
    await refusalOf(lines('PROPFIND / HTTP/1.1', HOST), 2)
    expect(audited().map((line) => JSON.parse(line).code)).toEqual(['ERR_CREDENTIALS_MISSING', 'ERR_METHOD_UNKNOWN'])
  })

  test('one line for a connection, however much rubbish follows', async () => {
    const client = await rawClient(portOf())
    client.socket.on('error', () => {})
    client.send('rubbish\r\n\r\n'.repeat(50))
    await client.answer()
    for (let i = 0; i < 50; i++) client.send('rubbish\r\n\r\n')
    client.socket.end()
    await client.ended()
    // What comes later stands behind it
    await refusalOf(lines('PROPFIND / HTTP/1.1', HOST), 2)
    expect(audited().map((line) => JSON.parse(line).method)).toEqual([undefined, 'PROPFIND'])
  })

  test('a client that goes away is refused nothing', async () => {
    const client = await rawClient(portOf())
    client.send('GET / HTTP/1.1\r\n')
    client.socket.resetAndDestroy()
    await refusalOf(lines('PROPFIND / HTTP/1.1', HOST))
    expect(audited()).toHaveLength(1)
  })
})

test('a trusted proxy is never taken for the client', async () => {
  const port = portOf(await start({ 'gateway.trusted-proxies': '127.0.0.1' }))
  await refusalOf(lines(POST, HOST, 'Content-Length: 1x', 'X-Forwarded-For: 192.0.2.1'), 1, port)
  await refusalOf(lines(POST, HOST, 'Host: y', 'X-Forwarded-For: 192.0.2.1'), 2, port)
  const [parsed, screened] = audited().map((line) => JSON.parse(line))
  expect(parsed).toMatchObject({ code: 'ERR_REQUEST_INVALID', proxy: '127.0.0.1' })
  expect(parsed).not.toHaveProperty('client')
  expect(screened).toMatchObject({ code: 'ERR_REQUEST_AMBIGUOUS', client: '192.0.2.1', proxy: '127.0.0.1' })
})

test('headers that do not come in time are refused, too', async () => {
  const port = portOf(await start({ 'http.header-timeout': '100ms' }))
  expect((await refusalOf(`GET /?p=${SECRET} HTTP/1.1\r\nHost:`, 1, port)).status).toBe(408)
  const { time, ...line } = JSON.parse(audited()[0] ?? '')
  expect(line).toEqual({ event: 'decision', outcome: 'refused', code: 'ERR_REQUEST_TIMEOUT', client: '127.0.0.1', door: 'kapacitor', via: 'none' })
})

test('all of them are counted', async () => {
  const serving = await start()
  await refusalOf(lines(POST, HOST, 'Host: y'), 1, portOf(serving))
  await refusalOf(lines(POST, HOST, 'Content-Length: 1x'), 2, portOf(serving))
  await refusalOf(lines('GET / HTTP/1.1', HOST, `X: ${'x'.repeat(9_000)}`), 3, portOf(serving))
  const metrics = await serving.api.administered.metrics()
  for (const code of ['ERR_REQUEST_AMBIGUOUS', 'ERR_REQUEST_INVALID', 'ERR_HEADERS_TOO_LARGE']) {
    expect(metrics).toContain(`kapacitor_auth_requests_total{door="kapacitor",outcome="refused",code="${code}",via="none"} 1`)
  }
})
