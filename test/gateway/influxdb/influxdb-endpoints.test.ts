// Which endpoints are open to whom, by the switches of the documents; and what the gateway itself says to InfluxDB.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startDoor, type TestDoor } from '../../support/influxdb-door.js'
import { type RecordingUpstream, startRecordingUpstream } from '../../support/recording-upstream.js'
import { basic } from '../../support/servers.js'

const json = (body: string) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

let upstream: RecordingUpstream
const doors: TestDoor[] = []

beforeAll(async () => { upstream = await startRecordingUpstream() })
beforeEach(() => upstream.answer(() => 'HTTP/1.1 204 No Content\r\n\r\n'))
afterEach(async () => { for (const door of doors.splice(0)) await door.close() })
afterAll(() => upstream.close())

/** With admin, and ann, who may read db1. */
async function start(overrides: Record<string, unknown> = {}): Promise<TestDoor> {
  upstream.answer(({ body }) => body.includes('SHOW%20DATABASES') ? json('{"results":[{"statement_id":0,"series":[{"name":"databases","columns":["name"],"values":[["db1"]]}]}]}') : 'HTTP/1.1 204 No Content\r\n\r\n')
  const door = await startDoor(upstream.url, overrides)
  doors.push(door)
  await ask(door, undefined, '/query', { method: 'POST', body: new URLSearchParams({ q: "CREATE USER admin WITH PASSWORD 'adminpw' WITH ALL PRIVILEGES" }) })
  await ask(door, 'admin:adminpw', '/query', { method: 'POST', body: new URLSearchParams({ q: "CREATE USER ann WITH PASSWORD 'annpw'; GRANT READ ON db1 TO ann" }) })
  upstream.requests.splice(0)
  return door
}

async function ask(door: TestDoor, who: string | undefined, path: string, init: RequestInit = {}) {
  const [name = '', password = ''] = who?.split(':') ?? []
  const headers = { ...(who && { authorization: basic(name, password) }), ...(init.headers as Record<string, string>) }
  const answer = await fetch(door.url + path, { ...init, headers })
  return { status: answer.status, text: await answer.text() }
}

describe('who may ask', () => {
  const OPEN = { 'influxdb.ping-auth-enabled': false }
  const CLOSED = { 'influxdb.ping-auth-enabled': true }
  test.each<[Record<string, unknown>, string, string, [nobody: number, ann: number, admin: number]]>([
    // settings                                    method  path                              nobody ann  admin
    [OPEN,                                         'GET',  '/ping',                          [204, 204, 204]],
    [OPEN,                                         'HEAD', '/ping?verbose=true',             [204, 204, 204]],
    [OPEN,                                         'GET',  '/health',                        [204, 204, 204]],
    [OPEN,                                         'GET',  '/status',                        [204, 204, 204]],
    [OPEN,                                         'GET',  '/metrics',                       [204, 204, 204]],
    [CLOSED,                                       'GET',  '/ping',                          [401, 204, 204]],
    [CLOSED,                                       'GET',  '/health',                        [401, 204, 204]],
    [CLOSED,                                       'GET',  '/metrics',                       [401, 204, 204]],
    [{},                                           'GET',  '/debug/vars',                    [401, 403, 204]],
    [{},                                           'GET',  '/debug/requests?seconds=1',      [401, 403, 204]],
    [{},                                           'GET',  '/debug/pprof/heap',              [401, 403, 204]],
    [{ 'influxdb.pprof-enabled': false },          'GET',  '/debug/pprof/heap',              [404, 404, 404]],
    [{ 'influxdb.pprof-enabled': false },          'GET',  '/debug/vars',                    [401, 403, 204]],
    [{ 'influxdb.pprof-auth-enabled': false },     'GET',  '/debug/pprof/heap',              [204, 204, 204]],
    [{},                                           'POST', '/api/v2/query',                  [401, 403, 204]],
    [{},                                           'POST', '/api/v1/prom/read?db=db1',       [401, 204, 204]],
    [{ 'influxdb.prom-read-auth-enabled': false }, 'POST', '/api/v1/prom/read?db=db1',       [401, 204, 204]],
    [{},                                           'POST', '/api/v1/prom/read?db=db2',       [401, 403, 204]],
    [{},                                           'POST', '/api/v1/prom/write?db=db1',      [401, 403, 204]],
    [{ 'influxdb.auth-enabled': false, 'meta.first-admin': 'start' }, 'GET', '/debug/vars',  [204, 204, 204]],
  ])('%j %s %s', async (settings, method, path, expected) => {
    const door = await start(settings)
    const found = []
    for (const who of [undefined, 'ann:annpw', 'admin:adminpw']) found.push((await ask(door, who, path, { method })).status)
    expect(found).toEqual(expected)
    const sent = upstream.requests.filter(({ target }) => target.startsWith(path.split('?')[0] ?? ''))
    expect(sent).toHaveLength(expected.filter((status) => status === 204).length)
  })
})

test('an InfluxDB that keeps its own authentication on is signed in to, in every request', async () => {
  const door = await start({ 'gateway.influxdb-username': 'gateway', 'gateway.influxdb-password': 'its password' })
  await ask(door, 'admin:adminpw', '/query?db=db1&q=SELECT+*+FROM+m')
  await ask(door, 'admin:adminpw', '/query?q=SHOW+DATABASES')
  await ask(door, 'admin:adminpw', '/write?db=db1', { method: 'POST', body: 'm v=1' })
  const authorizations = upstream.requests.map(({ headers }) => headers.filter(([name]) => name.toLowerCase() === 'authorization').map(([, value]) => value))
  expect(authorizations).toEqual(Array(3).fill([basic('gateway', 'its password')]))
})

test('one that asks for credentials it does not get is 502, and the client is not asked for them', async () => {
  const door = await start()
  upstream.answer(() => 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="InfluxDB"\r\nContent-Length: 0\r\n\r\n')
  for (const q of ['SHOW DATABASES', 'SHOW SHARDS']) {
    const answer = await fetch(`${door.url}/query?q=${encodeURIComponent(q)}`, { headers: { authorization: basic('admin', 'adminpw') } })
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([502, null])
  }
})

describe('what others do is not shown', () => {
  const QUERIES = '{"results":[{"statement_id":0,"series":[{"columns":["qid","query","database","duration"],"values":[' +
    '[1,"SELECT * FROM cpu","db1","1s"],[2,"SELECT * FROM cpu","db2","1s"],[3,"SELECT * FROM db2..secret","db1","1s"],[4,"DELETE FROM cpu","db1","1s"],[5,"what is this","db1","1s"]]}]}]}'
  const CONTINUOUS = '{"results":[{"statement_id":0,"series":[{"name":"db1","columns":["name","query"],"values":[["cq","x"]]},{"name":"db2","columns":["name","query"],"values":[["cq","secret"]]}]}]}'

  test('SHOW QUERIES', async () => {
    const door = await start()
    upstream.answer(() => json(QUERIES))
    const { text } = await ask(door, 'ann:annpw', '/query?db=db1&q=SHOW+QUERIES')
    expect(JSON.parse(text).results[0].series[0].values).toEqual([[1, 'SELECT * FROM cpu', 'db1', '1s']])
    expect((await ask(door, 'admin:adminpw', '/query?db=db1&q=SHOW+QUERIES')).text).toBe(QUERIES)
  })

  test('SHOW CONTINUOUS QUERIES', async () => {
    const door = await start()
    upstream.answer(() => json(CONTINUOUS))
    const { text } = await ask(door, 'ann:annpw', '/query?db=db1&q=SHOW+CONTINUOUS+QUERIES')
    expect(JSON.parse(text).results[0].series).toEqual([{ name: 'db1', columns: ['name', 'query'], values: [['cq', 'x']] }])
    expect((await ask(door, 'admin:adminpw', '/query?db=db1&q=SHOW+CONTINUOUS+QUERIES')).text).toBe(CONTINUOUS)
  })
})

test('what roles and cluster-wide permissions grant counts, and is shown', async () => {
  const door = await start()
  const change = async (path: string, body: object) => {
    const answer = await fetch(door.metaNode + path, { method: 'POST', body: JSON.stringify(body), headers: { authorization: basic('admin', 'adminpw') } })
    expect(answer.status).toBe(200)
  }
  await change('/role', { action: 'create', role: { name: 'writers' } })
  await change('/role', { action: 'add-permissions', role: { name: 'writers', permissions: { db1: ['WriteData'] } } })
  await change('/role', { action: 'add-users', role: { name: 'writers', users: ['ann'] } })
  expect((await ask(door, 'ann:annpw', '/write?db=db1', { method: 'POST', body: 'm v=1' })).status).toBe(204)
  upstream.answer(() => json('{"results":[{"statement_id":0,"series":[{"name":"databases","columns":["name"],"values":[["db1"],["db2"]]}]}]}'))
  const grants = async () => JSON.parse((await ask(door, 'admin:adminpw', '/query?q=SHOW+GRANTS+FOR+ann')).text).results[0].series[0].values
  expect(await grants()).toEqual([['db1', 'ALL PRIVILEGES']])
  await change('/user', { action: 'add-permissions', user: { name: 'ann', permissions: { '': ['ReadData'] } } })
  expect(await grants()).toEqual([['db1', 'ALL PRIVILEGES'], ['db2', 'READ']])
})
