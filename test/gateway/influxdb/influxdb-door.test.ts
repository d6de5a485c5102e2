// What goes to InfluxDB is the canonical text of what was authorized, in one place, and nothing of the client's beside it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startDoor, type TestDoor } from '../../support/influxdb-door.js'
import { type RecordingUpstream, startRecordingUpstream } from '../../support/recording-upstream.js'
import { basic } from '../../support/servers.js'

const answerOf = (body: string, headers = '') =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Influxdb-Version: 1.8.10\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const DATABASES = '{"results":[{"statement_id":0,"series":[{"name":"databases","columns":["name"],"values":[["db1"],["db2"]]}]}]}\n'
const ROWS = '{"results":[{"statement_id":0,"series":[{"name":"cpu","columns":["time","value"],"values":[[1,9007199254740993]]}]}]}\n'

let upstream: RecordingUpstream
let door: TestDoor

beforeAll(async () => {
  upstream = await startRecordingUpstream()
  upstream.answer(({ method, target, body }) => {
    const text = decodeURIComponent(`${target}&${body}`)
    if (/SHOW DATABASES/.test(text)) return answerOf(DATABASES)
    if (/DROP DATABASE missing|fails/.test(text)) return answerOf('{"results":[{"statement_id":0,"error":"it fails"}]}\n')
    return method === 'HEAD' || target.startsWith('/ping') ? 'HTTP/1.1 204 No Content\r\nX-Influxdb-Version: 1.8.10\r\n\r\n' : answerOf(ROWS)
  })
  door = await startDoor(upstream.url)
  await query("CREATE USER admin WITH PASSWORD 'adminpw' WITH ALL PRIVILEGES", {})
  for (const text of [
    "CREATE USER ann WITH PASSWORD 'annpw'; GRANT READ ON db1 TO ann",
    "CREATE USER bob WITH PASSWORD 'bobpw'; GRANT WRITE ON db1 TO bob",
  ]) await query(text, { who: 'admin:adminpw' })
})

afterAll(async () => {
  await door?.close()
  await upstream?.close()
})

beforeEach(() => { upstream.requests.splice(0) })

interface Options { who?: string; url?: string; method?: string; headers?: Record<string, string>; form?: Record<string, string>; body?: FormData | string }

/** A query in a form, or with `url` alone in the URL. */
async function query(text: string | undefined, { who, url = '', method = 'POST', headers = {}, form = {}, body }: Options) {
  const [name = '', password = ''] = who?.split(/:(.*)/s) ?? []
  const answer = await fetch(`${door.url}/query${url}`, {
    method,
    headers: { ...(who && { authorization: basic(name, password) }), ...headers },
    ...(method === 'POST' && { body: body ?? new URLSearchParams({ ...(text !== undefined && { q: text }), ...form }) }),
  })
  const content = await answer.text()
  return { status: answer.status, headers: answer.headers, text: content, body: content.startsWith('{') ? JSON.parse(content.split('\n')[0] ?? '') : undefined }
}

/** What the upstream was sent, its text decoded. */
const sent = () => upstream.requests.map(({ method, target, body }) => `${method} ${target} ${decodeURIComponent(body)}`.trim())

describe('what goes to InfluxDB', () => {
  test.each<[string, string | undefined, Options, string]>([
    // says                                      text                               options                                                                                              sent
    ['canonical text in the form',               'select * from cpu -- a comment',  { url: '?db=db1' },                                                                                  'POST /query q=SELECT * FROM cpu&db=db1'],
    ['GET stays GET',                            undefined,                         { method: 'GET', url: '?db=db1&q=select+*+from+cpu&epoch=ms&pretty=true' },                          'GET /query?q=SELECT%20*%20FROM%20cpu&db=db1&epoch=ms&pretty=true'],
    ['u and p do not go on',                     'SHOW MEASUREMENTS',               { url: '?db=db1&u=ann&p=annpw' },                                                                    'POST /query q=SHOW MEASUREMENTS&db=db1'],
    ['q twice: the form counts, alone',          'SHOW MEASUREMENTS',               { url: '?db=db1&q=SHOW+SERIES' },                                                                    'POST /query q=SHOW MEASUREMENTS&db=db1'],
    ['q twice in the URL: the first',            undefined,                         { method: 'GET', url: '?db=db1&q=SHOW+MEASUREMENTS&q=SHOW+SERIES' },                                 'GET /query?q=SHOW%20MEASUREMENTS&db=db1'],
    ['db twice: the form counts, alone',         'SHOW MEASUREMENTS',               { url: '?db=db2', form: { db: 'db1' } },                                                             'POST /query q=SHOW MEASUREMENTS&db=db1'],
    ['parameters are bound',                     'SELECT * FROM cpu WHERE h = $h',  { form: { db: 'db1', params: '{"h":"a\'b"}' } },                                                     "POST /query q=SELECT * FROM cpu WHERE h = 'a\\'b'&db=db1"],
    ['chunks as asked for',                      'SHOW MEASUREMENTS',               { form: { db: 'db1', chunked: 'true', chunk_size: '5', epoch: 'ns', rp: 'week' } },                  'POST /query q=SHOW MEASUREMENTS&db=db1&rp=week&epoch=ns&chunked=true&chunk_size=5'],
    ['unknown parameters do not',                'SHOW MEASUREMENTS',               { form: { db: 'db1', authorization: 'x', token: 'y' } },                                             'POST /query q=SHOW MEASUREMENTS&db=db1'],
    ['several statements in one text',           'SHOW MEASUREMENTS;SHOW SERIES;',  { form: { db: 'db1' } },                                                                             'POST /query q=SHOW MEASUREMENTS; SHOW SERIES&db=db1'],
    ['a semicolon that is not escaped ends it',  undefined,                         { method: 'GET', url: '?db=db1&q=SHOW+MEASUREMENTS&x=1;q=SHOW+SERIES' },                             'GET /query?q=SHOW%20MEASUREMENTS&db=db1'],
  ])('%s', async (_says, text, options, expected) => {
    expect((await query(text, { who: options.url?.includes('u=ann') ? 'x:y' : 'ann:annpw', ...options })).status).toBe(200)
    expect(sent()).toEqual([expected])
    expect(upstream.requests[0]?.head).not.toMatch(/authorization|annpw/i)
  })

  test('a multipart form: the URL counts before its fields; a file may hold the query', async () => {
    const form = new FormData()
    form.set('q', 'SHOW MEASUREMENTS')
    form.set('db', 'db2')
    expect((await query(undefined, { who: 'ann:annpw', url: '?db=db1', body: form })).status).toBe(200)
    const file = new FormData()
    file.set('q', new Blob(['SHOW SERIES\n']), 'query.txt')
    expect((await query(undefined, { who: 'ann:annpw', url: '?db=db1', body: file })).status).toBe(200)
    expect(sent()).toEqual(['POST /query q=SHOW MEASUREMENTS&db=db1', 'POST /query q=SHOW SERIES&db=db1'])
  })

  test('the answer is streamed as it comes', async () => {
    expect((await query('SHOW MEASUREMENTS', { who: 'ann:annpw', form: { db: 'db1' } })).text).toBe(ROWS)
  })
})

describe('nothing goes to InfluxDB of', () => {
  test.each<[string, string | undefined, Options, number]>([
    // says                                   text                                          options                                              status
    ['a request without credentials',         'SHOW MEASUREMENTS',                          { form: { db: 'db1' } },                              401],
    ['credentials in the form',               'SHOW MEASUREMENTS',                          { form: { db: 'db1', u: 'ann', p: 'annpw' } },         401],
    ['one statement of many not allowed',     'SHOW MEASUREMENTS; DELETE FROM cpu',         { who: 'ann:annpw', form: { db: 'db1' } },             403],
    ['the database of the loser of two',      'SHOW MEASUREMENTS',                          { who: 'ann:annpw', url: '?db=db1', form: { db: 'db2' } }, 403],
    ['a statement about users',               'SHOW USERS',                                 { who: 'ann:annpw' },                                  403],
    ['a continuous query that reads more',    'CREATE CONTINUOUS QUERY c ON db1 BEGIN SELECT mean(v) INTO m FROM db2..x GROUP BY time(1h) END', { who: 'ann:annpw' }, 403],
    ['a continuous query that writes',        'CREATE CONTINUOUS QUERY c ON db1 BEGIN SELECT mean(v) INTO m FROM x GROUP BY time(1h) END', { who: 'ann:annpw' }, 403],
    ['SHOW … FROM another database',          'SHOW SERIES FROM db2..m',                    { who: 'ann:annpw', form: { db: 'db1' } },             403],
    ['SHOW … CARDINALITY on another',         'SHOW SERIES EXACT CARDINALITY ON db2',       { who: 'ann:annpw', form: { db: 'db1' } },             403],
    ['a password in the wrong quotes',        'SET PASSWORD FOR ann = "verysecret"',        { who: 'admin:adminpw' },                              400],
    ['q in a JSON body',                      undefined,                                    { who: 'admin:adminpw', body: '{"q":"SHOW USERS"}', headers: { 'content-type': 'application/json' } }, 400],
    ['wrong parameters',                      'SHOW DATABASES',                             { who: 'admin:adminpw', form: { params: '{' } },       400],
  ])('%s', async (_says, text, options, status) => {
    const answer = await query(text, options)
    expect(answer.status).toBe(status)
    expect(answer.text).not.toContain('verysecret')
    expect(sent()).toEqual([])
  })

  test.each<[string, string, string, number]>([
    // method, path                                  who              status
    ['GET',    '/elsewhere',                          'admin:adminpw', 404],
    ['GET',    '/query/',                             'admin:adminpw', 404],
    ['GET',    '/debug/other',                        'admin:adminpw', 404],
    ['PUT',    '/query?q=SHOW+USERS',                 'admin:adminpw', 405],
    ['GET',    '/write?db=db1',                       'admin:adminpw', 405],
    ['GET',    '/debug/vars',                         'ann:annpw',     403],
    ['GET',    '/debug/pprof/heap',                   'ann:annpw',     403],
    ['POST',   '/api/v2/query',                       'ann:annpw',     403],
    ['POST',   '/api/v1/prom/read?db=db2',            'ann:annpw',     403],
    ['POST',   '/api/v1/prom/read',                   'ann:annpw',     403],
    ['POST',   '/api/v1/prom/write',                  'bob:bobpw',     400],
    ['POST',   '/api/v2/write?bucket=/rp',            'bob:bobpw',     404],
    ['POST',   '/api/v2/write?bucket=db1&precision=h', 'bob:bobpw',    400],
    ['GET',    '/ping',                               'ann:nope',      401],
  ])('%s %s', async (method, path, who, status) => {
    const [name = '', password = ''] = who.split(':')
    const answer = await fetch(door.url + path, { method, headers: { authorization: basic(name, password) } })
    expect([answer.status, sent()]).toEqual([status, []])
  })
})

describe('writes', () => {
  test.each([
    // path                                                              sent
    ['/write?db=db1&u=bob&p=bobpw&precision=s',                          '/write?db=db1&precision=s'],
    ['/write?db=db1&db=db2&rp=week&consistency=all&other=1',             '/write?db=db1&rp=week&consistency=all'],
    ['/api/v2/write?bucket=db1/week&precision=ns&org=mine',              '/write?db=db1&rp=week&precision=n'],
    ['/api/v2/write?bucket=db1&precision=us',                            '/write?db=db1&precision=u'],
    ['/api/v1/prom/write?db=db1&rp=week',                                '/api/v1/prom/write?db=db1&rp=week'],
  ])('%s', async (path, expected) => {
    const body = Buffer.from([0, 1, 2, 255])
    const answer = await fetch(door.url + path, { method: 'POST', body, headers: { authorization: 'Token bob:bobpw', 'content-encoding': 'gzip' } })
    expect(answer.status).toBe(200)
    expect(upstream.requests.map(({ target, body: got }) => [target, got])).toEqual([[expected, body.toString('latin1')]])
    expect(upstream.requests[0]?.head).toMatch(/content-encoding: gzip/i)
  })
})

describe('requests that mix', () => {
  test('run in order, with one answer and the right ids; numbers stay exact', async () => {
    const { text } = await query('SHOW DATABASES; SELECT * FROM cpu; SHOW GRANTS FOR bob; SHOW USERS', { who: 'admin:adminpw', form: { db: 'db1', epoch: 'ns' } })
    expect(text).toBe(
      '{"results":[{"statement_id":0,"series":[{"name":"databases","columns":["name"],"values":[["db1"],["db2"]]}]},' +
      '{"statement_id":1,"series":[{"name":"cpu","columns":["time","value"],"values":[[1,9007199254740993]]}]},' +
      '{"statement_id":2,"series":[{"columns":["database","privilege"],"values":[["db1","WRITE"]]}]},' +
      '{"statement_id":3,"series":[{"columns":["user","admin"],"values":[["admin",true],["ann",false],["bob",false]]}]}]}\n',
    )
    expect(sent()).toEqual(['POST /query q=SHOW DATABASES', 'POST /query q=SELECT * FROM cpu&db=db1&epoch=ns'])
  })

  test('end at the first failure: its text is replaced, unless it is the last', async () => {
    const results = async (text: string, form = {}) => (await query(text, { who: 'admin:adminpw', form })).text
    expect(await results('SHOW GRANTS FOR ghost')).toBe('{"results":[{"statement_id":0,"error":"user not found"}]}\n')
    expect(await results('DROP USER ghost; DELETE FROM cpu')).toBe('{"results":[{"statement_id":0,"error":"not executed"}]}\n')
    expect(await results('SELECT fails FROM cpu; SHOW USERS', { db: 'db1' })).toBe('{"results":[{"statement_id":0,"error":"not executed"}]}\n')
    expect(await results('DROP USER ghost; DELETE FROM a; DELETE FROM b', { chunked: 'true' })).toBe(
      '{"results":[{"statement_id":0,"error":"user not found"}]}\n{"results":[{"statement_id":0,"error":"not executed"}]}\n{"results":[{"statement_id":0,"error":"not executed"}]}\n')
    expect(sent()).toEqual(['POST /query q=SELECT fails FROM cpu&db=db1'])
  })

  test('DROP DATABASE takes its grants away, if it succeeds', async () => {
    await query("CREATE USER cat WITH PASSWORD 'catpw'; GRANT READ ON db1 TO cat; GRANT READ ON db2 TO cat", { who: 'admin:adminpw' })
    const rows = async () => (await query('SHOW GRANTS FOR cat', { who: 'admin:adminpw' })).body.results[0].series[0].values
    await query('DROP DATABASE missing', { who: 'admin:adminpw' })
    expect(await rows()).toEqual([['db1', 'READ'], ['db2', 'READ']])
    await query('DROP DATABASE db2', { who: 'admin:adminpw' })
    expect(await rows()).toEqual([['db1', 'READ']])
  })
})

test('users may set their own password, and with it the old one is gone; not by a token, and not one letter', async () => {
  await query("CREATE USER dan WITH PASSWORD 'danpw'", { who: 'admin:adminpw' })
  expect((await query("SET PASSWORD FOR ann = 'xx'", { who: 'dan:danpw' })).status).toBe(403)
  expect((await query("SET PASSWORD FOR dan = 'x'", { who: 'dan:danpw' })).status).toBe(403)
  expect((await query("SET PASSWORD FOR dan = 'new one'", { who: 'dan:danpw' })).body).toEqual({ results: [{ statement_id: 0 }] })
  expect((await query('SHOW DATABASES', { who: 'dan:danpw' })).status).toBe(401)
  expect((await query('SHOW DATABASES', { who: 'dan:new one' })).status).toBe(200)
})

test.each([
  // statement                                          error
  ["CREATE USER eve WITH PASSWORD ''",                  'password must not be empty'],
  [`CREATE USER eve WITH PASSWORD '${'x'.repeat(73)}'`, 'password must not be longer than 72 bytes'],
  [`CREATE USER eve WITH PASSWORD 'kapa1_${'0a'.repeat(32)}'`, 'password has the form of an own token (kapa1_ and 64 hexadecimal digits), so nobody could sign in with it'],
  [`SET PASSWORD FOR ann = 'kapa1_${'0a'.repeat(32)}'`, 'password has the form of an own token (kapa1_ and 64 hexadecimal digits), so nobody could sign in with it'],
  ["SET PASSWORD FOR ann = ''",                         'password must not be empty'],
  ["CREATE USER \"a:b\" WITH PASSWORD 'xx'",            "the user's name holds a colon, and could not sign in by HTTP Basic"],
  ['DROP USER admin',                                   'cannot delete user "admin": that would remove the last administrator'],
  ['REVOKE ALL PRIVILEGES FROM admin',                  'cannot remove permissions of user "admin": that would remove the last administrator'],
  ['GRANT READ ON "" TO ann',                           'database not found: '],
])('refused by its result: %s', async (text, error) => {
  expect((await query(text, { who: 'admin:adminpw' })).body).toEqual({ results: [{ statement_id: 0, error }] })
})

test('an administrator after GRANT ALL, and not after REVOKE ALL; grants on databases stay', async () => {
  await query('GRANT ALL TO ann', { who: 'admin:adminpw' })
  expect((await query('SHOW USERS', { who: 'ann:annpw' })).status).toBe(200)
  await query('REVOKE ALL FROM ann', { who: 'admin:adminpw' })
  expect((await query('SHOW USERS', { who: 'ann:annpw' })).status).toBe(403)
  expect((await query('SHOW MEASUREMENTS', { who: 'ann:annpw', form: { db: 'db1' } })).status).toBe(200)
})

test('an InfluxDB that is away is 502, and says nothing of users', async () => {
  const other = await startDoor('http://127.0.0.1:1')
  const answer = await fetch(`${other.url}/query?q=SHOW+DATABASES`)
  expect([answer.status, await answer.json()]).toEqual([403, { error: 'error authorizing query: create admin user first or disable authentication' }])
  const made = await fetch(`${other.url}/query`, { method: 'POST', body: new URLSearchParams({ q: "CREATE USER admin WITH PASSWORD 'adminpw' WITH ALL PRIVILEGES" }) })
  expect(await made.json()).toEqual({ results: [{ statement_id: 0 }] })
  const authorization = basic('admin', 'adminpw')
  for (const q of ['SHOW+DATABASES', 'SHOW+SHARDS']) {
    const down = await fetch(`${other.url}/query?q=${q}`, { headers: { authorization } })
    expect([down.status, await down.json(), down.headers.get('x-influxdb-error')]).toEqual([502, { error: 'upstream unavailable' }, 'upstream unavailable'])
  }
  await other.close()
})
