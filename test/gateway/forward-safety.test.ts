// Sections C, D and E of the security list, each over a raw socket against an upstream that records every byte.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.js'
import { basic } from '../support/servers.js'
import { ANN, PASSWORD, startGateway, type TestGateway } from './gateway.js'
import { ask, rawClient } from './raw-client.js'

let upstream: RecordingUpstream
let gateway: TestGateway

beforeAll(async () => {
  upstream = await startRecordingUpstream()
  gateway = await startGateway(upstream.url, { settings: { 'http.ping-auth-enabled': 'false' } })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
  expect(gateway.failures).toEqual([])
})
afterEach(() => {
  upstream.requests.length = 0
  gateway.judged.clear()
})

const get = (target: string, headers = '') => ask(gateway.port, `GET ${target} HTTP/1.1\r\nHost: me\r\n${ANN}${headers}\r\n`)

/** What the upstream got of one request that was let through. */
async function arrived(target: string, headers = '') {
  const { status } = await get(target, headers)
  expect(status).toBe(204)
  expect(upstream.requests).toHaveLength(1)
  return upstream.requests[0] as (typeof upstream.requests)[0]
}

const lineOf = (request: { headers: readonly (readonly [string, string])[] }, wanted: string) =>
  request.headers.filter(([name]) => name.toLowerCase() === wanted.toLowerCase()).map(([, value]) => value)

describe('credentials stop at the gate (C 30, 31; E 51)', () => {
  test('the Authorization header', async () => {
    await arrived('/tasks')
    expect(upstream.received()).not.toMatch(/authorization/i)
    expect(upstream.received()).not.toContain(PASSWORD)
    expect(upstream.received()).not.toContain(Buffer.from(`ann:${PASSWORD}`).toString('base64').slice(0, 12))
  })

  test.each([
    // says                    target                                            forwarded
    ['u and p',                `/write?db=a&u=ann&p=${PASSWORD}&precision=s`,    '/write?db=a&precision=s'],
    ['with escaped names',     `/write?%75=ann&db=a&%70=${PASSWORD}`,            '/write?db=a'],
    ['and nothing else',       `/tasks?u=ann&p=${PASSWORD}`,                     '/tasks'],
  ])('%s in the query', async (_says, target, forwarded) => {
    const method = target.startsWith('/write') ? 'POST' : 'GET'
    const { status } = await ask(gateway.port, `${method} ${target} HTTP/1.1\r\nHost: me\r\nContent-Length: 0\r\n\r\n`)
    expect(status).toBe(204)
    expect(upstream.requests.map((request) => request.target)).toEqual([forwarded])
    expect(upstream.received()).not.toContain(PASSWORD)
  })

  test('cookies and proxy credentials', async () => {
    const request = await arrived('/tasks', 'Cookie: s=1\r\nCookie2: x\r\nProxy-Authorization: Basic eDp5\r\n')
    expect(request.head).not.toMatch(/cookie|authorization/i)
  })

  test.each([
    // says                                        target                            headers
    ['a header and u, p',                          `/tasks?u=ann&p=${PASSWORD}`,     ANN],
    ['two headers',                                '/tasks',                         ANN + ANN],
    ['two different headers',                      '/tasks',                         `${ANN}Authorization: ${basic('bob', 'x')}\r\n`],
    ['u twice',                                    `/tasks?u=bob&u=ann&p=${PASSWORD}`, ''],
    ['p twice',                                    `/tasks?u=ann&p=x&p=${PASSWORD}`,  ''],
    ['u in a pair that servers read differently',  `/tasks?u=ann&p=${PASSWORD}&a=1;u=bob`, ''],
    ['the same behind a header',                   '/tasks?a=1;u=bob',               ANN],
    ['u and p behind an HTML entity',              `/tasks?a=1&amp;u=ann&p=${PASSWORD}`, ANN],
  ])('more than one credential is refused: %s', async (_says, target, headers) => {
    expect((await ask(gateway.port, `GET ${target} HTTP/1.1\r\nHost: me\r\n${headers}\r\n`)).status).toBe(400)
    expect(upstream.requests).toEqual([])
  })

  test('an open route forwards none either', async () => {
    const { status } = await ask(gateway.port, `GET /kapacitor/v1/ping?u=a&p=b HTTP/1.1\r\nHost: me\r\n${ANN}Cookie: a=1\r\nX-Forwarded-User: root\r\nRemote-User: root\r\n\r\n`)
    expect(status).toBe(204)
    const [request] = upstream.requests
    expect(request?.target).toBe('/kapacitor/v1/ping')
    expect(request?.head).not.toMatch(/authorization|cookie|root|x-forwarded-user/i)
  })

  test.each([
    // says                        line
    ['a longer name',              'GET /kapacitor/v1/pingx'],
    ['a path below',               'GET /kapacitor/v1/ping/tasks'],
    ['a path after dots',          'GET /kapacitor/v1/ping/../tasks'],
    ['in the query',               'GET /kapacitor/v1/tasks?/kapacitor/v1/ping'],
    ['behind an escaped mark',     'GET /kapacitor/v1/ping%3F/tasks'],
    ['in upper case',              'GET /kapacitor/v1/PING'],
    ['another method',             'POST /kapacitor/v1/ping'],
    ['by a header',                'GET /kapacitor/v1/tasks HTTP/1.1\r\nX-Original-URL: /kapacitor/v1/ping\r\nX-Rewrite-URL: /kapacitor/v1/ping\r\nX: '],
  ])('an open route opens no other: %s', async (_says, line) => {
    const { status } = await ask(gateway.port, `${line} HTTP/1.1\r\nHost: me\r\n\r\n`)
    expect([400, 401]).toContain(status)
    expect(upstream.requests).toEqual([])
  })

  test('an open route refuses a query that servers read differently', async () => {
    expect((await ask(gateway.port, 'GET /kapacitor/v1/ping?a=1;u=ann HTTP/1.1\r\nHost: me\r\n\r\n')).status).toBe(400)
    expect(upstream.requests).toEqual([])
  })
})

describe('the upstream gets the path that was judged (D 38, 39, 42)', () => {
  test.each([
    // says                          target                            judged                     forwarded
    ['a plain path',                 '/kapacitor/v1/tasks',            '/kapacitor/v1/tasks',     '/kapacitor/v1/tasks'],
    ['a trailing slash',             '/kapacitor/v1/tasks/',           '/kapacitor/v1/tasks/',    '/kapacitor/v1/tasks/'],
    ['escaped letters',              '/%6bapacitor/v1/%74asks',        '/kapacitor/v1/tasks',     '/kapacitor/v1/tasks'],
    ['other letters',                '/KAPACITOR/v1/Tasks',            '/KAPACITOR/v1/Tasks',     '/KAPACITOR/v1/Tasks'],
    ['a double escape',              '/a%252e%252e/b',                 '/a%2e%2e/b',              '/a%252e%252e/b'],
    ['a double escaped slash',       '/a%252Fb',                       '/a%2Fb',                  '/a%252Fb'],
    ['a matrix parameter',           '/tasks;x=1/a',                   '/tasks;x=1/a',            '/tasks;x=1/a'],
    ['the same escaped',             '/tasks%3Bx=1/a',                 '/tasks;x=1/a',            '/tasks;x=1/a'],
    ['an escaped question mark',     '/ping%3Fx/tasks',                '/ping?x/tasks',           '/ping%3Fx/tasks'],
    ['an escaped hash',              '/ping%23/tasks',                 '/ping#/tasks',            '/ping%23/tasks'],
    ['a space',                      '/a%20b',                         '/a b',                    '/a%20b'],
    ['a path in the query',          '/tasks?x=/../ping',              '/tasks',                  '/tasks?x=/../ping'],
    ['dots within a name',           '/a..b/..c/d.',                   '/a..b/..c/d.',            '/a..b/..c/d.'],
  ])('%s', async (says, target, judged, forwarded) => {
    // A name that starts with a dot but is none of the two special ones is a name
    const id = encodeURIComponent(says)
    const request = await arrived(target, `X-Test-Id: ${id}\r\n`)
    expect(request.target).toBe(forwarded)
    expect(gateway.judged.get(id)).toEqual([judged])
    expect(decodeURIComponent(request.target.split('?')[0] as string)).toBe(judged)
  })
})

describe('what two readers could read differently reaches nobody (D 38, 41, 43, 44)', () => {
  test.each([
    // says                          target
    ['two slashes',                  '/kapacitor//v1/tasks'],
    ['two at the start',             '//kapacitor/v1/tasks'],
    ['another host',                 '//evil.example/tasks'],
    ['two at the end',               '/tasks//'],
    ['a dot',                        '/kapacitor/v1/./tasks'],
    ['two dots',                     '/kapacitor/v1/ping/../tasks'],
    ['two dots at the end',          '/kapacitor/v1/ping/..'],
    ['escaped dots',                 '/kapacitor/v1/ping/%2e%2e/tasks'],
    ['one of them escaped',          '/kapacitor/v1/ping/.%2e/tasks'],
    ['an escaped slash',             '/kapacitor%2fv1/tasks'],
    ['in upper case',                '/ping%2F..%2Ftasks'],
    ['an escaped backslash',         '/ping%5c..%5ctasks'],
    ['a backslash',                  '/ping\\..\\tasks'],
    ['NUL',                          '/tasks%00'],
    ['a byte that is no UTF-8',      '/tasks%ff'],
    ['the same, as it stands',       '/tasks\xff'],
    ['UTF-8 that is not escaped',    '/jos\xc3\xa9'],
    ['the same in the query',        '/tasks?a=\xc3\xa9'],
    ['a line break',                 '/tasks%0d%0aX-Forwarded-User:%20root'],
    ['a broken escape',              '/tasks%zz'],
    ['half an escape',               '/tasks%2'],
    ['a fragment',                   '/ping#/tasks'],
    ['a fragment in the query',      '/ping?a#/tasks'],
    ['absolute-form',                'http://me/tasks'],
    ['absolute-form, elsewhere',     'http://evil.example/tasks'],
    ['absolute-form without a path', 'http://me'],
    ['asterisk-form',                '*'],
    ['authority-form',               'me:80'],
    ['a user before the path',       '@evil.example/tasks'],
    ['no slash',                     'tasks'],
    ['an undecodable name',          '/tasks?u%ff=1'],
  ])('%s', async (_says, target) => {
    const { status, body, headers } = await get(target)
    expect(status).toBe(400)
    if (body !== '') expect([Object.keys(JSON.parse(body)), headers['x-content-type-options']]).toEqual([['error'], 'nosniff'])
    expect(upstream.requests).toEqual([])
  })
})

describe('methods (D 45)', () => {
  test.each([
    // says                 line                                   status
    ['TRACE',               'TRACE /tasks HTTP/1.1',               405],
    ['CONNECT',             'CONNECT me:80 HTTP/1.1',              405],
    ['CONNECT with a path', 'CONNECT /tasks HTTP/1.1',             405],
    ['a known one',         'PROPFIND /tasks HTTP/1.1',            405],
    ['an unknown one',      'BREW /tasks HTTP/1.1',                405],
    ['lower case',          'get /tasks HTTP/1.1',                 405],
    ['HTTP/2',              'PRI * HTTP/2.0',                      400],
    ['asterisk-form',       'OPTIONS * HTTP/1.1',                  400],
  ])('%s is refused', async (_says, line, status) => {
    const client = await rawClient(gateway.port)
    client.send(`${line}\r\nHost: me\r\n${ANN}\r\n`)
    const answer = await client.answer()
    expect(answer.status).toBe(status)
    if (status === 405) expect(answer.headers.allow).toContain('GET')
    client.close()
    expect(upstream.requests).toEqual([])
  })

  test('CONNECT ends the connection, and all that follows goes nowhere', async () => {
    const client = await rawClient(gateway.port)
    client.send(`CONNECT me:80 HTTP/1.1\r\nHost: me\r\n\r\nGET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`)
    expect((await client.answer()).status).toBe(405)
    expect((await client.ended()).rest).toBe('')
    expect(upstream.requests).toEqual([])
  })

  test.each([
    'X-HTTP-Method-Override: DELETE', 'X-HTTP-Method: DELETE', 'X-Method-Override: DELETE', 'X_HTTP_Method_Override: DELETE',
  ])('%s changes nothing', async (header) => {
    const request = await arrived('/tasks', `${header}\r\n`)
    expect(request.method).toBe('GET')
    expect(request.head).not.toContain('DELETE')
  })
})

describe('who somebody is, only we say (E 47, 48)', () => {
  test('our header is the only one', async () => {
    const request = await arrived('/tasks', [
      'X-Forwarded-User', 'x-forwarded-user', 'X_Forwarded_User', 'X-Forwarded_User', 'X.Forwarded.User', 'X-Forwarded-Email', 'X-Forwarded-Groups',
      'X-Forwarded-Preferred-Username', 'Remote-User', 'REMOTE_USER', 'X-Remote-User', 'X-Auth-User', 'X_Auth_User',
      'X-Auth-Request-User', 'X-WEBAUTH-USER', 'X_WEBAUTH_USER', 'X-Authenticated-User', 'X-User', 'Client-Cert',
    ].map((name) => `${name}: root\r\n`).join(''))
    expect(lineOf(request, 'x-forwarded-user')).toEqual(['ann'])
    expect(request.head).not.toContain('root')
  })

  test.each([
    // says                        name                    forwarded
    ['UTF-8',                      'josé',                 'jos%C3%A9'],
    ['a line break',               'a\r\nX-Admin: 1',      'a%0D%0AX-Admin:%201'],
    ['an escape',                  'a%20b',                'a%2520b'],
    ['a space',                    'a b',                  'a%20b'],
  ])('a name with %s is percent-encoded', async (_says, userName, forwarded) => {
    const other = await startGateway(upstream.url, { userName })
    await ask(other.port, `GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`)
    expect(lineOf(upstream.requests[0] as never, 'x-forwarded-user')).toEqual([forwarded])
    await other.close()
  })

  test('nobody is said to be anybody while authentication is off', async () => {
    const open = await startGateway(upstream.url, { settings: { 'http.auth-enabled': 'false' } })
    await ask(open.port, `GET /tasks?u=a&p=b HTTP/1.1\r\nHost: me\r\n${ANN}X-Forwarded-User: root\r\n\r\n`)
    await open.close()
    const [request] = upstream.requests
    expect(request?.target).toBe('/tasks')
    expect(request?.head).not.toMatch(/root|x-forwarded-user|authorization/i)
  })
})

describe('a Connection list takes away none of ours (E 49)', () => {
  test.each([
    'close, X-Forwarded-User', 'keep-alive, x-forwarded-user, x-forwarded-for', 'X-FORWARDED-USER', 'Host, Content-Length', 'x_forwarded_user',
  ])('%s', async (list) => {
    const request = await arrived('/tasks', `Connection: ${list}\r\nX-Other: 1\r\n`)
    expect(lineOf(request, 'x-forwarded-user')).toEqual(['ann'])
    expect(lineOf(request, 'x-forwarded-for')).toEqual(['127.0.0.1'])
    expect(lineOf(request, 'host')).toEqual([`127.0.0.1:${upstream.port}`])
    expect(lineOf(request, 'connection')).toEqual(['keep-alive'])
    expect(lineOf(request, 'x-other')).toEqual(['1'])
  })

  test('what it lists of the client’s goes', async () => {
    const request = await arrived('/tasks', 'X-Mine: 1\r\nConnection: close, x-mine\r\nX-Other: 1\r\n')
    expect(request.head).not.toContain('X-Mine')
    expect(lineOf(request, 'x-other')).toEqual(['1'])
  })

  test('hop-by-hop headers go without being listed', async () => {
    const request = await arrived('/tasks', 'Keep-Alive: timeout=9\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\nHTTP2-Settings: AAMAAABk\r\n')
    expect(request.head).not.toMatch(/keep-alive: |proxy-connection|te: |http2-settings/i)
  })
})

describe('where a request came from (E 50)', () => {
  const FROM_OUTSIDE = [
    'X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: kap.example', 'X-Forwarded-Port: 443', 'X-Forwarded-Uri: /ping',
    'X-Forwarded-Prefix: /x', 'Forwarded: for=203.0.113.9', 'X-Real-IP: 203.0.113.9', 'X-Original-URL: /ping', 'X-Original-URI: /ping',
    'X-Rewrite-URL: /ping', 'X-Client-IP: 203.0.113.9', 'True-Client-IP: 203.0.113.9', 'X_Forwarded_For: 203.0.113.9',
  ].map((line) => `${line}\r\n`).join('')

  test('nobody is believed who is not listed', async () => {
    const request = await arrived('/tasks', FROM_OUTSIDE)
    expect(request.headers.filter(([name]) => /forward|real|original|rewrite|client/i.test(name))).toEqual([
      ['X-Forwarded-User', 'ann'], ['X-Forwarded-For', '127.0.0.1'], ['X-Forwarded-Proto', 'http'], ['X-Forwarded-Host', 'me'],
    ])
  })

  test('a listed proxy is believed in three things', async () => {
    const behind = await startGateway(upstream.url, { forward: { trustedProxies: ['127.0.0.0/8'] } })
    await ask(behind.port, `GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}${FROM_OUTSIDE}X-Forwarded-User: root\r\n\r\n`)
    await behind.close()
    expect(upstream.requests[0]?.headers.filter(([name]) => /forward|real|original|rewrite|client/i.test(name))).toEqual([
      ['X-Forwarded-User', 'ann'], ['X-Forwarded-For', '203.0.113.9, 127.0.0.1'], ['X-Forwarded-Proto', 'https'], ['X-Forwarded-Host', 'kap.example'],
    ])
  })

  test('a proxy of another network is not', async () => {
    const behind = await startGateway(upstream.url, { forward: { trustedProxies: ['10.0.0.0/8', '::1'] } })
    await ask(behind.port, `GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}${FROM_OUTSIDE}\r\n`)
    await behind.close()
    expect(lineOf(upstream.requests[0] as never, 'x-forwarded-for')).toEqual(['127.0.0.1'])
  })

  test('a list that cannot be read is refused when built', () => {
    return expect(startGateway(upstream.url, { forward: { trustedProxies: ['localhost'] } })).rejects.toThrow(TypeError)
  })
})

describe('no other protocol (E 52)', () => {
  test.each([
    // says                         headers
    ['h2c',                         'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'],
    ['h2c without Connection',      'Upgrade: h2c\r\n'],
    ['a websocket',                 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'],
    ['TLS',                         'Connection: upgrade\r\nUpgrade: TLS/1.0\r\n'],
    ['in lower case',               'connection: upgrade\r\nupgrade: h2c\r\n'],
  ])('%s is refused, and so is all that follows', async (_says, headers) => {
    const client = await rawClient(gateway.port)
    client.send(`GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}${headers}\r\nGET /after HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`)
    expect((await client.answer()).status).toBe(400)
    expect((await client.ended()).rest).toBe('')
    expect(upstream.requests).toEqual([])
  })

  test('an answer 101 from the upstream is none', async () => {
    const odd = await startRecordingUpstream({ answer: () => 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n' })
    const other = await startGateway(odd.url)
    expect((await ask(other.port, `GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`)).status).toBe(502)
    await other.close()
    await odd.close()
  })
})

describe('one host (E 53, 54)', () => {
  test.each([
    // says                  host lines
    ['two',                  'Host: me\r\nHost: me\r\n'],
    ['two different ones',   'Host: me\r\nHost: evil\r\n'],
    ['two, one far behind',  `Host: me\r\n${Array.from({ length: 100 }, (_, i) => `X-${i}: 1\r\n`).join('')}host: evil\r\n`],
    ['none',                 ''],
    ['an empty one',         'Host:\r\n'],
    ['with a user',          'Host: ann@me\r\n'],
    ['with a space',         'Host: me evil\r\n'],
    ['with a path',          'Host: me/evil\r\n'],
    ['a list',               'Host: me, evil\r\n'],
    ['with a control character', 'Host: me\x01\r\n'],
  ])('%s is refused', async (_says, lines) => {
    expect((await ask(gateway.port, `GET /tasks HTTP/1.1\r\n${lines}${ANN}\r\n`)).status).toBe(400)
    expect(upstream.requests).toEqual([])
  })

  test('the upstream’s Host is its own, whatever the client asks for', async () => {
    const request = await arrived('/tasks')
    expect(lineOf(request, 'host')).toEqual([`127.0.0.1:${upstream.port}`])
    expect(lineOf(request, 'x-forwarded-host')).toEqual(['me'])
  })
})

describe('one length (E 53)', () => {
  const post = (headers: string, body: string) => `POST /write?db=a HTTP/1.1\r\nHost: me\r\n${ANN}${headers}\r\n${body}`
  const NEXT = `GET /smuggled HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`

  test.each([
    // says                               headers                                                              body
    ['a length and chunks',               'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',               `0\r\n\r\n${NEXT}`],
    ['chunks and a length',               'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',               `0\r\n\r\n${NEXT}`],
    ['two lengths',                       'Content-Length: 5\r\nContent-Length: 6\r\n',                        `hello${NEXT}`],
    ['two equal lengths',                 'Content-Length: 5\r\nContent-Length: 5\r\n',                        `hello${NEXT}`],
    ['a list of lengths',                 'Content-Length: 5, 5\r\n',                                          `hello${NEXT}`],
    ['a signed length',                   'Content-Length: +5\r\n',                                            `hello${NEXT}`],
    ['a negative length',                 'Content-Length: -5\r\n',                                            NEXT],
    ['a hexadecimal length',              'Content-Length: 0x5\r\n',                                           `hello${NEXT}`],
    ['an empty length',                   'Content-Length:\r\n',                                               NEXT],
    ['a length too long',                 'Content-Length: 99999999999999999999999\r\n',                       NEXT],
    ['not a coding',                      'Transfer-Encoding: xchunked\r\n',                                   `0\r\n\r\n${NEXT}`],
    ['a coding before chunked',           'Transfer-Encoding: gzip, chunked\r\n',                              `0\r\n\r\n${NEXT}`],
    ['a coding after chunked',            'Transfer-Encoding: chunked, identity\r\n',                          `0\r\n\r\n${NEXT}`],
    ['chunked twice',                     'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',      `0\r\n\r\n${NEXT}`],
    ['identity',                          'Transfer-Encoding: identity\r\n',                                   NEXT],
    ['a tab before chunked',              'Transfer-Encoding:\x0bchunked\r\n',                                 `0\r\n\r\n${NEXT}`],
    ['a folded line',                     'X-A: 1\r\n  2\r\nContent-Length: 0\r\n',                            NEXT],
    ['a folded coding',                   'Transfer-Encoding:\r\n chunked\r\n',                                `0\r\n\r\n${NEXT}`],
    ['a space before the colon',          'Content-Length : 5\r\n',                                            `hello${NEXT}`],
    ['the same for the coding',           'Transfer-Encoding : chunked\r\n',                                   `0\r\n\r\n${NEXT}`],
    ['a bare line feed',                  'X-A: 1\nContent-Length: 5\r\n',                                     `hello${NEXT}`],
    ['a bare carriage return',            'X-A: 1\rContent-Length: 5\r\n',                                     `hello${NEXT}`],
    ['NUL in a header',                   'X-A: \0\r\nContent-Length: 0\r\n',                                  NEXT],
    ['a line without colon',              'X-A\r\nContent-Length: 0\r\n',                                      NEXT],
    ['not a chunk size',                  'Transfer-Encoding: chunked\r\n',                                    `xyz\r\nhello\r\n0\r\n\r\n${NEXT}`],
    ['a chunk with a bare line feed',     'Transfer-Encoding: chunked\r\n',                                    `5\nhello\r\n0\r\n\r\n${NEXT}`],
    ['a chunk longer than it says',       'Transfer-Encoding: chunked\r\n',                                    `2\r\nhello\r\n0\r\n\r\n${NEXT}`],
    ['a chunk size too long',             'Transfer-Encoding: chunked\r\n',                                    `fffffffffffffffff\r\nhello\r\n0\r\n\r\n${NEXT}`],
  ])('%s is refused, and so is all that follows', async (_says, headers, body) => {
    const client = await rawClient(gateway.port)
    client.send(post(headers, body))
    expect((await client.answer()).status).toBe(400)
    expect((await client.ended()).rest).toBe('')
    // A body that breaks off may have begun to arrive; no whole request may
    expect(upstream.requests).toEqual([])
  })

  test('more headers than Node keeps are refused, whatever is behind them', async () => {
    const small = await startGateway(upstream.url, { server: { maxHeaderSize: 65_536 } })
    const many = 'a: b\r\n'.repeat(2_100)
    for (const last of ['Host: evil\r\n', 'Transfer-Encoding: chunked\r\n', 'Upgrade: h2c\r\n', 'Authorization: Basic x\r\n']) {
      const body = last.startsWith('Transfer') ? '0\r\n\r\n' : ''
      expect((await ask(small.port, `GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}${many}${last}\r\n${body}`)).status).toBe(431)
    }
    await small.close()
    expect(upstream.requests).toEqual([])
  })

  test.each([
    // says                        body of a request that is refused before it is read
    ['by its length',              `Content-Length: ${NEXT.length}\r\n\r\n${NEXT}`],
    ['in chunks',                  `Transfer-Encoding: chunked\r\n\r\n${NEXT.length.toString(16)}\r\n${NEXT}\r\n0\r\n\r\n`],
  ])('a refused request’s body is not taken for the next request: %s', async (_says, rest) => {
    const client = await rawClient(gateway.port)
    client.send(`POST /write HTTP/1.1\r\nHost: me\r\n${rest}`)
    expect((await client.answer()).status).toBe(401)
    client.send(`GET /next HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`)
    expect((await client.answer()).status).toBe(204)
    client.close()
    expect(upstream.requests.map(({ target }) => target)).toEqual(['/next'])
  })

  test('nor is a body that comes later, in pieces', async () => {
    const client = await rawClient(gateway.port)
    client.send(`POST /write HTTP/1.1\r\nHost: me\r\nContent-Length: ${2 * NEXT.length}\r\n\r\n`)
    expect((await client.answer()).status).toBe(401)
    client.send(NEXT)
    client.send(NEXT)
    client.send(`GET /next HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`)
    expect((await client.answer()).status).toBe(204)
    client.close()
    expect(upstream.requests.map(({ target }) => target)).toEqual(['/next'])
  })
})

describe('nothing of the client’s is written as a header (E 54)', () => {
  test('the upstream’s answer cannot be split', async () => {
    const odd = await startRecordingUpstream({ answer: () => 'HTTP/1.1 200 OK\r\nX-A: 1\rSet-Cookie: evil=1\r\nContent-Length: 0\r\n\r\n' })
    const other = await startGateway(odd.url)
    const answer = await ask(other.port, `GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`)
    expect(answer.status).toBe(502)
    expect(answer.head).not.toContain('evil')
    await other.close()
    await odd.close()
  })
})
