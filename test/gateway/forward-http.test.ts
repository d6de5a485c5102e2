// What HTTP means stays what it means: byte for byte where it may, over a raw socket at both ends.
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { keptTime } from '../support/kept-time.js'
import { type Answer, NO_CONTENT, type RecordingUpstreamOptions, startRecordingUpstream } from '../support/recording-upstream.js'
import { ANN, startGateway, type TestGatewayOptions } from './gateway.js'
import { ask, rawClient } from './raw-client.js'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(answer?: Answer, options: RecordingUpstreamOptions & { gateway?: TestGatewayOptions } = {}) {
  const upstream = await startRecordingUpstream({ ...options, ...(answer && { answer }) })
  const gateway = await startGateway(upstream.url, options.gateway)
  closing.push(upstream.close, async () => {
    await gateway.close()
    expect(gateway.failures).toEqual([])
  })
  return { upstream, gateway, port: gateway.port }
}

const request = (line: string, headers = '', body = '') => `${line} HTTP/1.1\r\nHost: me\r\n${ANN}${headers}\r\n${body}`
const DATE = 'Date: Mon, 01 Jan 2024 00:00:00 GMT\r\n'

describe('answers', () => {
  test.each<[string, string, string, Record<string, string | undefined>, string, string]>([
    // says                       method    answer                                                                  headers                                        body      trailers
    ['with a length',             'GET',    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',                     { 'content-length': '5' },                    'hello',  ''],
    ['in chunks',                 'GET',    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', { 'transfer-encoding': 'chunked' },     'hello',  ''],
    ['with trailers',             'GET',    'HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\nX-Forwarded-User: r\r\n\r\n', { trailer: 'X-T' }, 'hello', 'X-T: 1\r\n'],
    ['empty',                     'GET',    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',                          { 'content-length': '0' },                    '',       ''],
    ['empty in chunks',           'GET',    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',        { 'transfer-encoding': 'chunked' },           '',       ''],
    ['204',                       'POST',   'HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n',                             { 'x-a': '1', 'transfer-encoding': undefined }, '',     ''],
    ['204 with a length',         'POST',   'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',                  { 'content-length': undefined },              '',       ''],
    ['304 with a length',         'GET',    'HTTP/1.1 304 Not Modified\r\nETag: "e"\r\nContent-Length: 5\r\n\r\n',   { etag: '"e"', 'content-length': '5' },       '',       ''],
    ['304 in chunks',             'GET',    'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n',       { 'transfer-encoding': undefined },           '',       ''],
    ['to HEAD, with a length',    'HEAD',   'HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n',                      { 'content-length': '12345' },                '',       ''],
    ['to HEAD, with a trailer',   'HEAD',   'HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n', { trailer: undefined },                       '',       ''],
    ['a trailer with a length',   'GET',    'HTTP/1.1 200 OK\r\nTrailer: X-T\r\nContent-Length: 5\r\n\r\nhello',     { trailer: undefined },                       'hello',  ''],
    ['after another',             'GET',    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', { link: undefined }, 'hello', ''],
    ['after a needless 100',      'GET',    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', {},                                  'hello',  ''],
    ['of HTTP/1.0',               'GET',    'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello',                     { 'content-length': '5' },                    'hello',  ''],
  ])('%s', async (_says, method, bytes, headers, body, trailers) => {
    const { port } = await start(() => bytes)
    const client = await rawClient(port)
    for (let turn = 0; turn < 2; turn++) {
      client.send(request(`${method} /tasks`, method === 'POST' ? 'Content-Length: 0\r\n' : ''))
      const answer = await client.answer(method)
      expect(answer).toMatchObject({ status: Number(/HTTP\/1\.\d ([2-5]\d\d)/.exec(bytes)?.[1]), body, trailers, whole: true })
      for (const [name, value] of Object.entries(headers)) expect([name, answer.headers[name]]).toEqual([name, value])
      expect(answer.headers.connection).toBe('keep-alive')
    }
    client.close()
  })

  test('that end with the connection come in chunks', async () => {
    const { port } = await start((_, socket) => {
      socket.end(`HTTP/1.1 200 OK\r\n${DATE}Connection: close\r\n\r\nhello`)
      return undefined
    })
    expect(await ask(port, request('GET /tasks'))).toMatchObject({ body: 'hello', whole: true, headers: { 'transfer-encoding': 'chunked' } })
  })

  test('come to a client of HTTP/1.0 without chunks', async () => {
    const { port } = await start(() => 'HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n')
    const answer = await ask(port, `GET /tasks HTTP/1.0\r\n${ANN}\r\n`)
    expect(answer).toMatchObject({ status: 200, body: 'hello', headers: { connection: 'close' } })
    expect(answer.headers).not.toHaveProperty('transfer-encoding')
    expect(answer.headers).not.toHaveProperty('trailer')
  })

  test('keep status, reason and headers as they were', async () => {
    const { port } = await start(() => `HTTP/1.1 418 I'm a Tea Pot\r\n${DATE}set-cookie: a=1\r\nSet-Cookie: b=2\r\nX-Kapacitor-VERSION: 1.8.3\r\nX-Bytes: \xe9\r\nContent-Disposition: attachment; filename="\xc3\xa9"\r\nContent-Length: 2\r\n\r\nhi`)
    expect((await ask(port, request('GET /tasks'))).head).toBe(
      `HTTP/1.1 418 I'm a Tea Pot\r\n${DATE}set-cookie: a=1\r\nSet-Cookie: b=2\r\nX-Kapacitor-VERSION: 1.8.3\r\nX-Bytes: \xe9\r\nContent-Disposition: attachment; filename="\xc3\xa9"\r\nContent-Length: 2\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n`)
  })

  test('do not end what else was set: CORS headers and Vary', async () => {
    const { port } = await start(() => `HTTP/1.1 200 OK\r\n${DATE}Vary: Accept-Encoding\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nhi`)
    const { headers } = await ask(port, request('GET /tasks', 'Origin: http://chronograf\r\n'))
    expect(headers).toMatchObject({ 'access-control-allow-origin': 'http://chronograf', 'set-cookie': 'a=1\nb=2', 'content-length': '2' })
    expect(headers.vary?.split(/\n|, /).sort()).toEqual(['Accept-Encoding', 'Origin'])
  })

  test('replace what was set, where the upstream says it too', async () => {
    const { port } = await start(() => `HTTP/1.1 200 OK\r\n${DATE}Access-Control-Allow-Origin: *\r\nContent-Length: 2\r\n\r\nhi`)
    expect((await ask(port, request('GET /tasks', 'Origin: http://chronograf\r\n'))).headers['access-control-allow-origin']).toBe('*')
  })

  test('do not lead around the gate', async () => {
    const { port, upstream } = await start()
    upstream.answer(() => `HTTP/1.1 302 Found\r\n${DATE}Location: ${upstream.url}/kapacitor/v1/tasks\r\nAlt-Svc: h3=":9192"\r\nContent-Length: 0\r\n\r\n`)
    const { headers } = await ask(port, request('GET /tasks'))
    expect(headers.location).toBe('/kapacitor/v1/tasks')
    expect(headers).not.toHaveProperty('alt-svc')
  })

  test.each(['401 Unauthorized', '407 Proxy Authentication Required'])('%s of the upstream is not the client’s', async (line) => {
    const { port, gateway } = await start(() => `HTTP/1.1 ${line}\r\nWWW-Authenticate: Basic realm="influxdb"\r\nContent-Length: 2\r\n\r\nno`)
    const answer = await ask(port, request('GET /tasks'))
    expect(answer.status).toBe(502)
    expect(JSON.parse(answer.body)).toEqual({ error: expect.stringContaining('credentials of its own') })
    expect(answer.headers).not.toHaveProperty('www-authenticate')
    expect(gateway.warnings).toHaveLength(1)
  })

  test('403 is', async () => {
    const { port } = await start(() => 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
    expect(await ask(port, request('GET /tasks'))).toMatchObject({ status: 403, body: 'no' })
  })
})

describe('bodies', () => {
  const zipped = gzipSync('cpu,host=a usage=1\n'.repeat(100)).toString('latin1')

  test('gzip goes both ways untouched', async () => {
    const { port, upstream } = await start(() => `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n\r\n${zipped}`)
    const answer = await ask(port, request('POST /write?db=a', `Content-Encoding: gzip\r\nAccept-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n`, zipped))
    expect(answer.body).toBe(zipped)
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(upstream.requests[0]?.body).toBe(zipped)
    expect(upstream.requests[0]?.head).toMatch(/Content-Encoding: gzip\r\nAccept-Encoding: gzip\r\n/)
  })

  test('chunks stay chunks, with trailers, without those that have no place there', async () => {
    const { port, upstream } = await start()
    const body = '3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Sum: 1\r\nX-Forwarded-User: root\r\n\r\n'
    await ask(port, request('POST /write?db=a', 'Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n', body))
    const [arrived] = upstream.requests
    expect(arrived).toMatchObject({ body: 'abcde', trailers: 'X-Sum: 1\r\n' })
    expect(arrived?.head).toContain('Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n')
    expect(arrived?.head).not.toContain('Content-Length')
  })

  test.each([
    // says                          method    headers                    body      arrives with
    ['none',                         'GET',    '',                        '',       /^(?!.*(Content-Length|Transfer-Encoding)).*$/s],
    ['none of a DELETE',             'DELETE', '',                        '',       /^(?!.*(Content-Length|Transfer-Encoding)).*$/s],
    ['none of a POST',               'POST',   '',                        '',       /Content-Length: 0\r\n/],
    ['an empty one',                 'POST',   'Content-Length: 0\r\n',   '',       /Content-Length: 0\r\n/],
    ['of a GET',                     'GET',    'Content-Length: 2\r\n',   'hi',     /Content-Length: 2\r\n/],
    ['of a DELETE',                  'DELETE', 'Content-Length: 2\r\n',   'hi',     /Content-Length: 2\r\n/],
    ['of a PATCH',                   'PATCH',  'Content-Length: 2\r\n',   'hi',     /Content-Length: 2\r\n/],
    ['of a GET, in chunks',          'GET',    'Transfer-Encoding: chunked\r\n', '2\r\nhi\r\n0\r\n\r\n', /Transfer-Encoding: chunked\r\n/],
    ['empty, in chunks',             'POST',   'Transfer-Encoding: chunked\r\n', '0\r\n\r\n',            /Transfer-Encoding: chunked\r\n/],
  ])('%s', async (_says, method, headers, body, head) => {
    const { port, upstream } = await start()
    expect((await ask(port, request(`${method} /tasks`, headers, body))).status).toBe(204)
    expect(upstream.requests).toHaveLength(1)
    expect(upstream.requests[0]?.head).toMatch(head)
    expect(upstream.requests[0]?.body).toBe(body.includes('hi') ? 'hi' : '')
  })

  test('all 256 bytes arrive', async () => {
    const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('').repeat(300)
    const { port, upstream } = await start(({ body }) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    expect((await ask(port, request('POST /write?db=a', `Content-Length: ${bytes.length}\r\n`, bytes))).body).toBe(bytes)
    expect(upstream.requests[0]?.body).toBe(bytes)
  })
})

describe('Expect: 100-continue', () => {
  const EXPECT = 'Expect: 100-continue\r\nContent-Length: 5\r\n'

  test('who is refused is not told to go on, and the upstream hears nothing', async () => {
    const { port, upstream } = await start()
    const client = await rawClient(port)
    client.send('POST /write?db=a HTTP/1.1\r\nHost: me\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n')
    const answer = await client.answer()
    expect(answer).toMatchObject({ status: 401, headers: { connection: 'close' } })
    expect((await client.ended()).rest).toBe('')
    expect([upstream.connections, upstream.received()]).toEqual([0, ''])
  })

  test.each([
    // says                                 headers
    ['an ambiguous request',                'Host: me\r\nHost: you\r\n'],
    ['an ambiguous query',                  'Host: me\r\n'],
  ])('nor is %s', async (_says, headers) => {
    const { port, upstream } = await start()
    const client = await rawClient(port)
    client.send(`POST /write?a=1;u=b HTTP/1.1\r\n${headers}${ANN}${EXPECT}\r\n`)
    expect(await client.answer()).toMatchObject({ status: 400, headers: { connection: 'close' } })
    expect((await client.ended()).rest).toBe('')
    expect(upstream.connections).toBe(0)
  })

  test('who is let in is told to go on, before the upstream is asked', async () => {
    const { port, upstream } = await start(undefined, { onHead: () => 'HTTP/1.1 100 Continue\r\n\r\n' })
    const client = await rawClient(port)
    for (let turn = 0; turn < 2; turn++) {
      client.send(request('POST /write?db=a', EXPECT))
      expect((await client.answer()).status).toBe(100)
      expect(upstream.requests).toHaveLength(turn)
      client.send('hello')
      expect(await client.answer()).toMatchObject({ status: 204, headers: { connection: 'keep-alive' } })
    }
    client.close()
    expect(upstream.requests.map(({ body }) => body)).toEqual(['hello', 'hello'])
    expect(upstream.requests[0]?.head).not.toContain('Expect')
  })

  test('a client that goes away instead has cost the upstream nothing', async () => {
    const { port, upstream, gateway } = await start()
    const client = await rawClient(port)
    client.send(request('POST /write?db=a', EXPECT))
    expect((await client.answer()).status).toBe(100)
    client.close()
    while (await gateway.connections() > 0) await new Promise(setImmediate)
    expect(upstream.connections).toBe(0)
  })

  test('however long the client then takes', () => keptTime(100, async (limit) => {
    const { port } = await start(undefined, { onHead: () => 'HTTP/1.1 100 Continue\r\n\r\n', gateway: { upstream: { responseTimeout: limit } } })
    const client = await rawClient(port)
    client.send(request('POST /write?db=a', EXPECT))
    expect((await client.answer()).status).toBe(100)
    await sleep(2 * limit)
    client.send('hello')
    expect((await client.answer()).status).toBe(204)
    client.close()
  }))

  test('a client that will not wait is not kept waiting', async () => {
    const { port, upstream } = await start()
    const client = await rawClient(port)
    client.send(request('POST /write?db=a', EXPECT, 'hello'))
    expect([(await client.answer()).status, (await client.answer()).status]).toEqual([100, 204])
    client.close()
    expect(upstream.requests[0]?.body).toBe('hello')
  })

  test('without a body there is nothing to wait for', async () => {
    const { port, upstream } = await start()
    expect((await ask(port, request('GET /tasks', 'Expect: 100-continue\r\n'))).status).toBe(204)
    expect(upstream.requests[0]?.head).not.toContain('Expect')
  })

  test('other expectations are not met', async () => {
    const { port, upstream } = await start()
    expect((await ask(port, request('GET /tasks', 'Expect: 200-ok\r\n'))).status).toBe(417)
    expect(upstream.connections).toBe(0)
  })
})

describe('connections', () => {
  test('one after the other, requests share one to the upstream', async () => {
    const { port, upstream, gateway } = await start()
    for (const method of ['GET', 'HEAD', 'POST', 'GET', 'DELETE']) await ask(port, request(`${method} /tasks`))
    expect([upstream.requests.length, upstream.connections]).toEqual([5, 1])
    expect(gateway.upstream.stats).toEqual({ open: 1, idle: 1, waiting: 0 })
  })

  test('one that the upstream announces to close is not used again', async () => {
    const { port, upstream } = await start(() => `HTTP/1.1 200 OK\r\n${DATE}Connection: close\r\nContent-Length: 0\r\n\r\n`)
    for (let i = 0; i < 3; i++) await ask(port, request('GET /tasks'))
    expect(upstream.connections).toBe(3)
  })

  test.each([['timeout=1', 3], ['timeout=0', 3], ['timeout=60', 1], ['max=5', 1]])('Keep-Alive: %s', async (value, connections) => {
    const { port, upstream } = await start(() => `HTTP/1.1 200 OK\r\n${DATE}Keep-Alive: ${value}\r\nContent-Length: 0\r\n\r\n`)
    for (let i = 0; i < 3; i++) await ask(port, request('GET /tasks'))
    expect(upstream.connections).toBe(connections)
  })

  test('no more than so many at a time; so many more wait; the next is refused', async () => {
    const held: (() => void)[] = []
    const { port, upstream, gateway } = await start((_, socket) => {
      held.push(() => socket.write(NO_CONTENT))
      return undefined
    }, { gateway: { upstream: { maxConnections: 2, maxWaiting: 1 } } })
    const clients = await Promise.all([1, 2, 3].map(async () => {
      const client = await rawClient(port)
      client.send(request('GET /tasks'))
      return client
    }))
    while (held.length < 2 || gateway.upstream.stats.waiting < 1) await new Promise(setImmediate)
    const refused = await ask(port, request('GET /tasks'))
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    expect(JSON.parse(refused.body)).toEqual({ error: 'too many requests in progress' })
    const answers = clients.map((client) => client.answer())
    while (upstream.requests.length < 3) {
      held.shift()?.()
      await new Promise(setImmediate)
    }
    for (const answer of held) answer()
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([204, 204, 204])
    expect(upstream.connections).toBe(2)
    for (const client of clients) client.close()
  })

  test('who does not wait to the end leaves the place to others', async () => {
    const held: (() => void)[] = []
    const { port, gateway, upstream } = await start((_, socket) => {
      held.push(() => socket.write(NO_CONTENT))
      return undefined
    }, { gateway: { upstream: { maxConnections: 1, maxWaiting: 1 } } })
    const [first, second, third] = await Promise.all([rawClient(port), rawClient(port), rawClient(port)])
    first.send(request('GET /1'))
    while (held.length < 1) await new Promise(setImmediate)
    second.send(request('GET /2'))
    while (gateway.upstream.stats.waiting < 1) await new Promise(setImmediate)
    second.close()
    while (await gateway.connections() > 2) await new Promise(setImmediate)
    third.send(request('GET /3'))
    const answer = third.answer()
    held.shift()?.()
    expect((await first.answer()).status).toBe(204)
    while (held.length < 1) await new Promise(setImmediate)
    held.shift()?.()
    expect((await answer).status).toBe(204)
    expect(upstream.requests.map(({ target }) => target)).toEqual(['/1', '/3'])
    first.close()
    third.close()
  })

  test('pipelined requests are sent one after the other, in order', async () => {
    let underWay = 0
    let most = 0
    const { port, upstream } = await start(({ target }, socket) => {
      most = Math.max(most, ++underWay)
      setImmediate(() => {
        underWay--
        socket.write(`HTTP/1.1 200 OK\r\n${DATE}Content-Length: ${target.length}\r\n\r\n${target}`)
      })
      return undefined
    })
    const client = await rawClient(port)
    const targets = Array.from({ length: 20 }, (_, i) => `/tasks/${i}`)
    client.send(targets.map((target) => request(`${targets.indexOf(target) % 2 ? 'GET' : 'POST'} ${target}`)).join(''))
    for (const target of targets) expect((await client.answer()).body).toBe(target)
    client.close()
    expect(upstream.requests.map(({ target }) => target)).toEqual(targets)
    expect([most, upstream.connections]).toEqual([1, 1])
  })
})
