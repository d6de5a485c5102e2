// Our own answers are byte for byte those of a real InfluxDB that keeps its own users.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Influxd, isInfluxdMissing, startInfluxd } from '../support/influxd.js'
import { startDoor, type TestDoor } from '../support/influxdb-door.js'
import { basic } from '../support/servers.js'

const SETUP = [
  "CREATE USER admin WITH PASSWORD 'adminpw' WITH ALL PRIVILEGES",
  'CREATE DATABASE db1',
  `CREATE USER "b,<o>&\\"b ü" WITH PASSWORD 'xx'`,
  "CREATE USER ann WITH PASSWORD 'xx'; GRANT READ ON db1 TO ann",
]

const QUERIES = [
  ';',
  'SHOW USERS',
  'SHOW GRANTS FOR ann',
  'SHOW GRANTS FOR admin',
  'SHOW DATABASES',
  'SHOW GRANTS FOR ghost',
  'SHOW USERS; SHOW DATABASES; SHOW GRANTS FOR ann',
  'SHOW USERS; SHOW GRANTS FOR ghost; SHOW USERS; SHOW USERS',
  "SET PASSWORD FOR ann = 'yy'",
  "CREATE USER ann WITH PASSWORD 'yy'; DROP USER ghost",
  'GRANT ALL ON db1 TO ann; REVOKE WRITE ON db1 FROM ann',
  'SHOW',
  '',
]

const FORMS: [string, string, Record<string, string>][] = [
  ['JSON',                '',                            {}],
  ['JSON, pretty',        'pretty=true',                 {}],
  ['JSON, chunked',       'chunked=true',                {}],
  ['JSON, chunked, pretty', 'chunked=true&pretty=true',  {}],
  ['CSV',                 '',                            { accept: 'application/csv' }],
  ['CSV, chunked',        'chunked=true',                { accept: 'text/csv' }],
  ['MessagePack',         '',                            { accept: 'application/x-msgpack' }],
  ['MessagePack, chunked', 'chunked=true',               { accept: 'application/x-msgpack' }],
  ['an unknown type',     '',                            { accept: 'application/json, text/csv' }],
  ['no answer',           'async=true',                  {}],
]

describe.skipIf(isInfluxdMissing())('the same answers', () => {
  let real: Influxd
  let behind: Influxd
  let door: TestDoor

  beforeAll(async () => {
    ;[real, behind] = await Promise.all([startInfluxd(), startInfluxd()])
    door = await startDoor(behind.url)
    for (const query of SETUP) {
      for (const url of [real.url, door.url]) await ask(url, 'POST', query, '', {})
    }
  })

  afterAll(async () => {
    await door?.close()
    await Promise.all([real?.close(), behind?.close()])
  })

  async function ask(url: string, method: string, q: string, parameters: string, headers: Record<string, string>) {
    const answer = await fetch(`${url}/query?${parameters}&q=${encodeURIComponent(q)}`, { method, headers: { authorization: basic('admin', 'adminpw'), ...headers } })
    const bytes = Buffer.from(await answer.arrayBuffer())
    return { status: answer.status, type: answer.status === 204 ? undefined : answer.headers.get('content-type'), error: answer.headers.get('x-influxdb-error'), bytes: bytes.toString('latin1') }
  }

  test.each(FORMS)('%s', async (_says, parameters, headers) => {
    for (const method of ['POST', 'GET']) {
      for (const query of QUERIES) {
        const expected = await ask(real.url, method, query, parameters, headers)
        expect([query, await ask(door.url, method, query, parameters, headers)]).toEqual([query, expected])
      }
    }
  })

  test('headers of a routed answer, and of one that is none', async () => {
    const names = ['x-influxdb-version', 'x-influxdb-build', 'access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-headers', 'access-control-expose-headers', 'content-type', 'x-content-type-options', 'allow']
    for (const [method, path] of [['OPTIONS', '/query'], ['OPTIONS', '/write'], ['POST', '/query?q=SHOW+USERS'], ['GET', '/nowhere'], ['HEAD', '/query'], ['GET', '/ping'], ['HEAD', '/ping']]) {
      const look = async (url: string) => {
        const answer = await fetch(url + path, { method: method ?? '', headers: { origin: 'http://page.example', authorization: basic('admin', 'adminpw') } })
        return [method, path, answer.status, ...names.map((name) => answer.headers.get(name)?.split(/, */).sort().join()), answer.headers.has('request-id')]
      }
      expect(await look(door.url)).toEqual(await look(real.url))
    }
  })
})
