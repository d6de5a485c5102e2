// What goes wrong on the way: each ends in an answer that says so, or in a connection cut off; never in half an answer
// that looks whole. Timeouts are set short where one is waited for; none decides how a test ends.
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { isKapacitorStream } from '../../src/gateway/kapacitor/kapacitor-stream.js'
import { FIRST_PART } from '../../src/gateway/request/request-body.js'
import { freePort } from '../support/free-ports.js'
import { keptTime } from '../support/kept-time.js'
import { type Answer, NO_CONTENT, type RecordingUpstreamOptions, startRecordingUpstream } from '../support/recording-upstream.js'
import { until } from '../support/until.js'
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

/** Makes a connection's end a reset. */
const reset = (socket: Socket) => {
  socket.resetAndDestroy()
  return undefined
}
const hangUp = (socket: Socket) => {
  socket.destroy()
  return undefined
}
/** A server that never says anything. Returns its port. */
async function startMute(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => {
    for (const socket of sockets) socket.destroy()
    server.close(() => resolve())
  }))
  return (server.address() as AddressInfo).port
}

describe('before an answer has begun', () => {
  test('an upstream that is down is 502', async () => {
    const { port, upstream, gateway } = await start(undefined, { port: await freePort() })
    await upstream.close()
    closing.shift()
    const answer = await ask(port, request('GET /tasks?u=1', '').replace(ANN, '').replace('?u=1', `?u=ann&p=${encodeURIComponent('p4ss-w0rd-of-ann')}`))
    expect(answer).toMatchObject({ status: 502, headers: { 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' } })
    expect(JSON.parse(answer.body)).toEqual({ error: 'upstream unavailable' })
    expect(answer.body).not.toContain(String(upstream.port))
    expect(gateway.warnings).toMatchObject([{ code: 'ERR_UPSTREAM_UNAVAILABLE', cause: expect.stringContaining('ECONNREFUSED') }])
    expect(JSON.stringify(gateway.warnings)).not.toContain('p4ss')
  })

  test('and works again once it is up', async () => {
    const { port, upstream } = await start(undefined, { port: await freePort() })
    expect((await ask(port, request('GET /tasks'))).status).toBe(204)
    const { port: upstreamPort } = upstream
    await upstream.close()
    closing.shift()
    expect((await ask(port, request('GET /tasks'))).status).toBe(502)
    upstream.server.listen(upstreamPort, '127.0.0.1')
    await until(() => upstream.server.listening)
    closing.unshift(upstream.close)
    expect((await ask(port, request('POST /tasks'))).status).toBe(204)
  })

  test.each([
    // says                              answer
    ['hangs up',                         (_: unknown, socket: Socket) => hangUp(socket)],
    ['resets the connection',            (_: unknown, socket: Socket) => reset(socket)],
    ['breaks off within the head',       (_: unknown, socket: Socket) => { socket.end('HTTP/1.1 200 OK\r\nContent-'); return undefined }],
    ['speaks something else',            () => 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['sends two lengths',                () => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!'],
    ['sends a length and chunks',        () => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['sends a header that is none',      () => 'HTTP/1.1 200 OK\r\nX A: 1\r\nContent-Length: 0\r\n\r\n'],
    ['sends a header with NUL',          () => 'HTTP/1.1 200 OK\r\nX-A: \0\r\nContent-Length: 0\r\n\r\n'],
    ['sends a folded header',            () => 'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n'],
    ['sends too many headers',           () => `HTTP/1.1 200 OK\r\n${'X-Long: 0123456789\r\n'.repeat(2_000)}\r\n`],
    ['sends a status that is none',      () => 'HTTP/1.1 099 Nothing\r\nContent-Length: 0\r\n\r\n'],
    ['codes its answer otherwise',       () => 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['switches protocols',               () => 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ] as [string, Answer][])('an upstream that %s is 502, and is not asked again', async (_says, answer) => {
    const { port, upstream, gateway } = await start(answer)
    for (const line of ['POST /write?db=a', 'GET /tasks']) {
      expect(await ask(port, request(line))).toMatchObject({ status: 502, body: '{"error":"upstream unavailable"}' })
    }
    expect(upstream.requests).toHaveLength(2)
    expect(gateway.warnings).toHaveLength(2)
    await until(() => gateway.upstream.stats.open === 0)
  })

  test('one that says nothing in time is 504', async () => {
    const { port, gateway } = await start(() => undefined, { gateway: { upstream: { responseTimeout: 20 } } })
    expect(await ask(port, request('GET /tasks'))).toMatchObject({ status: 504, body: '{"error":"upstream did not answer in time"}' })
    expect(await ask(port, request('POST /write?db=a', 'Content-Length: 2\r\n', 'hi'))).toMatchObject({ status: 504 })
    expect(gateway.warnings).toMatchObject([{ code: 'ERR_UPSTREAM_TIMEOUT', cause: 'no answer' }, { cause: 'no answer' }])
    await until(() => gateway.upstream.stats.open === 0)
  })

  test('one that does not take the body in time is 504', async () => {
    const port = await startMute((socket) => socket.pause())
    const gateway = await startGateway(`http://127.0.0.1:${port}`, { upstream: { responseTimeout: 50 } })
    closing.push(gateway.close)
    const client = await rawClient(gateway.port)
    client.send(request('POST /write?db=a', `Content-Length: ${2 ** 30}\r\n`))
    const piece = Buffer.alloc(2 ** 20, 'x')
    let answered = false
    const answer = client.answer('POST').finally(() => { answered = true })
    while (!answered) await new Promise<void>((resolve) => (client.socket.write(piece) ? setImmediate(resolve) : client.socket.once('drain', resolve) && answer.then(() => resolve())))
    expect(await answer).toMatchObject({ status: 504 })
    expect(gateway.warnings).toMatchObject([{ cause: 'request body not taken' }])
    client.close()
  })

  test('the time that a client takes is not the upstream’s', () => keptTime(100, async (limit) => {
    const { port, upstream } = await start(undefined, { gateway: { upstream: { responseTimeout: limit } } })
    const client = await rawClient(port)
    client.send(request('POST /write?db=a', `Content-Length: ${FIRST_PART + 2}\r\n`, 'hel'.padEnd(FIRST_PART)))
    await until(() => upstream.received().includes('hel'))
    await sleep(2 * limit)
    client.send('lo')
    expect((await client.answer()).status).toBe(204)
    client.close()
  }))

  test('one that cannot be connected to in time is 504', async () => {
    // Accepts, but never begins with TLS
    const port = await startMute((socket) => socket.resume())
    const gateway = await startGateway(`https://127.0.0.1:${port}`, { upstream: { connectTimeout: 50 } })
    closing.push(gateway.close)
    expect((await ask(gateway.port, request('GET /tasks'))).status).toBe(504)
    expect(gateway.warnings).toMatchObject([{ cause: 'no connection in time' }])
  })

  test('who waits too long for a connection is 503', () => keptTime(50, async (limit) => {
    const { port, gateway, upstream } = await start(() => undefined, { gateway: { upstream: { maxConnections: 1, connectTimeout: limit } } })
    const first = await rawClient(port)
    first.send(request('GET /tasks'))
    await until(() => upstream.requests.length === 1 || gateway.warnings.length > 0)
    expect((await ask(port, request('GET /tasks'))).status).toBe(503)
    expect(gateway.warnings).toMatchObject([{ code: 'ERR_BUSY', cause: 'no connection became free' }])
    expect(gateway.upstream.stats.waiting).toBe(0)
    first.close()
  }))

  test('a body that was on its way does not come between: the next request is answered', async () => {
    const { port, upstream } = await start((_, socket) => hangUp(socket), { onHead: (_, socket) => hangUp(socket) })
    const client = await rawClient(port)
    client.send(request('POST /write?db=a', 'Content-Length: 2000000\r\n', 'x'.repeat(1_000_000)))
    expect((await client.answer('POST')).status).toBe(502)
    client.send('x'.repeat(1_000_000))
    client.send(request('GET /tasks'))
    expect((await client.answer()).status).toBe(502)
    client.close()
    expect(upstream.received()).not.toMatch(/GET.*GET/s)
  })
})

describe('D6: after the head of an answer, before its first byte', () => {
  test.each<[string, string, (socket: Socket) => unknown]>([
    // says                        rest of the head                                 what the upstream does
    ['a length, hung up',          'Content-Length: 10\r\n\r\n',                hangUp],
    ['a length, reset',            'Content-Length: 10\r\n\r\n',                reset],
    ['chunks, hung up',            'Transfer-Encoding: chunked\r\n\r\n',        hangUp],
    ['chunks, reset',              'Transfer-Encoding: chunked\r\n\r\n',        reset],
    ['chunks that are none',       'Transfer-Encoding: chunked\r\n\r\n',        (socket) => socket.write('xyz\r\n')],
    ['up to the end, reset',       '\r\n',                                        reset],
  ])('the client gets 502: %s', async (_says, rest, end) => {
    const { port, gateway } = await start((_, socket) => {
      setImmediate(() => setImmediate(end, socket))
      return `HTTP/1.1 200 OK\r\nX-Of: upstream\r\n${rest}`
    })
    const answer = await ask(port, request('GET /tasks'))
    expect(answer).toMatchObject({ status: 502, body: '{"error":"upstream unavailable"}', whole: true })
    expect(answer.headers).not.toHaveProperty('x-of')
    expect(gateway.warnings).toMatchObject([{ code: 'ERR_UPSTREAM_UNAVAILABLE' }])
    await until(() => gateway.upstream.stats.open === 0)
  })

  test('504 where nothing comes in time', async () => {
    const { port } = await start(() => 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n', { gateway: { upstream: { idleTimeout: 20 } } })
    expect(await ask(port, request('GET /tasks'))).toMatchObject({ status: 504, whole: true })
  })

  test('an empty body up to the end is whole', async () => {
    const { port } = await start((_, socket) => { socket.end('HTTP/1.1 200 OK\r\n\r\n'); return undefined })
    expect(await ask(port, request('GET /tasks'))).toMatchObject({ status: 200, body: '', whole: true })
  })
})

describe('A10: a 100 Continue changes no deadline', () => {
  test.each([
    // says                        onHead                              answer
    ['before the body',            'HTTP/1.1 100 Continue\r\n\r\n',  undefined],
    ['after it',                   undefined,                          'HTTP/1.1 100 Continue\r\n\r\n'],
    ['again and again',            'HTTP/1.1 100 Continue\r\n\r\n',  'HTTP/1.1 100 Continue\r\n\r\n'.repeat(3)],
    ['another one',                undefined,                          'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('%s', async (_says, early, late) => {
    const { port } = await start(() => late, { onHead: () => early, gateway: { upstream: { responseTimeout: 50 } } })
    for (const headers of ['', 'Expect: 100-continue\r\n']) {
      const client = await rawClient(port)
      client.send(request('POST /write?db=a', `${headers}Content-Length: 2\r\n`, 'hi'))
      if (headers) expect((await client.answer()).status).toBe(100)
      expect((await client.answer('POST')).status).toBe(504)
      client.close()
    }
  })
})

describe('C2: a stream that is meant to be quiet', () => {
  const quiet = { upstream: { responseTimeout: 30, idleTimeout: 30 }, forward: { isStream: isKapacitorStream } }
  const line = '4\r\nlog\n\r\n'

  test('has no deadline, before its first line or after', async () => {
    let later = (_text: string) => {}
    const { port, gateway } = await start((_, socket) => { later = (text) => socket.write(text); return undefined }, { gateway: quiet })
    const client = await rawClient(port)
    client.send(request('GET /kapacitor/v1preview/logs?task=cpu'))
    await until(() => gateway.upstream.stats.open === 1)
    // What has a deadline comes and goes meanwhile, twice
    expect((await ask(port, request('GET /kapacitor/v1/tasks'))).status).toBe(504)
    later('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    expect((await ask(port, request('GET /kapacitor/v1/tasks'))).status).toBe(504)
    client.close()
  })

  test('and goes on', async () => {
    let first: Socket | undefined
    const { port } = await start((_, socket) => { first ??= socket; return undefined }, { gateway: quiet })
    const client = await rawClient(port)
    client.send(request('GET /kapacitor/v1preview/logs?task=cpu'))
    await until(() => first !== undefined)
    expect((await ask(port, request('GET /kapacitor/v1/tasks'))).status).toBe(504)
    first?.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${line}`)
    await client.until('log')
    expect((await ask(port, request('GET /kapacitor/v1/tasks'))).status).toBe(504)
    first?.write(`${line}0\r\n\r\n`)
    expect(await client.answer()).toMatchObject({ status: 200, body: 'log\nlog\n', whole: true })
    client.close()
  })

  test.each([
    // says                      method    path                                   is one
    ['the logs',                 'GET',    '/kapacitor/v1preview/logs',           true],
    ['without preview',          'GET',    '/kapacitor/v1/logs',                  true],
    ['one task',                 'GET',    '/kapacitor/v1/tasks/cpu_alert/watch', true],
    ['another method',           'POST',   '/kapacitor/v1/logs',                  false],
    ['HEAD has no stream',       'HEAD',   '/kapacitor/v1/logs',                  false],
    ['below it',                 'GET',    '/kapacitor/v1/logs/x',                false],
    ['a longer name',            'GET',    '/kapacitor/v1/logsx',                 false],
    ['another base path',        'GET',    '/kapacitor/v2/logs',                  false],
    ['none',                     'GET',    '/logs',                               false],
    ['further down',             'GET',    '/x/kapacitor/v1/logs',                false],
    ['a task of that name',      'GET',    '/kapacitor/v1/tasks/watch',           false],
    ['a task two deep',          'GET',    '/kapacitor/v1/tasks/a/b/watch',       false],
  ])('%s', (_says, method, path, expected) => {
    expect(isKapacitorStream(method, path)).toBe(expected)
  })
})

describe('in the middle of an answer', () => {
  test.each<[string, string, string, (socket: Socket) => unknown]>([
    // says                                 head                                                      version  how it ends
    ['a length that is not reached',        'Content-Length: 10\r\n\r\nhello',                        '1.1',   hangUp],
    ['the same after a reset',              'Content-Length: 10\r\n\r\nhello',                        '1.1',   reset],
    ['chunks without the last',             'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',       '1.1',   hangUp],
    ['within a chunk',                      'Transfer-Encoding: chunked\r\n\r\n9\r\nhello',           '1.1',   hangUp],
    ['not a chunk size',                    'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',       '1.1',   (socket) => socket.write('xyz\r\n')],
    ['a body up to the end, after a reset', '\r\nhello',                                              '1.1',   reset],
    ['a length, to a client of HTTP/1.0',   'Content-Length: 10\r\n\r\nhello',                        '1.0',   hangUp],
  ])('the client’s connection is cut off: %s', async (_says, rest, version, end) => {
    let socket: Socket | undefined
    const { port, gateway } = await start((_, upstreamSocket) => {
      socket = upstreamSocket
      return `HTTP/1.1 200 OK\r\n${rest}`
    })
    const client = await rawClient(port)
    client.send(`GET /tasks HTTP/${version}\r\nHost: me\r\n${ANN}\r\n`)
    await client.until('hello')
    if (socket) end(socket)
    expect(await client.answer()).toMatchObject({ status: 200, body: expect.stringContaining('hello'), whole: false })
    await until(() => gateway.warnings.length === 1 && gateway.upstream.stats.open === 0)
  })

  test('to a client of HTTP/1.0 that takes the end for the end, it is reset', async () => {
    let socket: Socket | undefined
    const { port } = await start((_, upstreamSocket) => {
      socket = upstreamSocket
      return 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'
    })
    const client = await rawClient(port)
    client.send(`GET /tasks HTTP/1.0\r\n${ANN}\r\n`)
    await client.until('hello')
    socket?.destroy()
    expect((await client.ended()).error).toBe('ECONNRESET')
  })

  test('it is cut off when the upstream says nothing more in time', async () => {
    const { port, gateway } = await start(() => 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello', { gateway: { upstream: { idleTimeout: 20 } } })
    expect(await ask(port, request('GET /tasks'))).toMatchObject({ body: 'hello', whole: false })
    expect(gateway.warnings).toMatchObject([{ code: 'ERR_UPSTREAM_TIMEOUT', cause: 'answer not continued' }])
  })

  test('a long answer that goes on is not', () => keptTime(200, async (limit) => {
    const { port } = await start((_, socket) => {
      let left = 30
      const timer = setInterval(() => {
        socket.write('5\r\nhello\r\n')
        if (--left > 0) return
        clearInterval(timer)
        socket.write('0\r\n\r\n')
      }, limit / 10)
      return 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    }, { gateway: { upstream: { idleTimeout: limit, responseTimeout: limit } } })
    expect(await ask(port, request('GET /tasks'))).toMatchObject({ body: 'hello'.repeat(30), whole: true })
  }))

  test('0 waits for ever', async () => {
    const { port } = await start(() => NO_CONTENT, { gateway: { upstream: { idleTimeout: 0, responseTimeout: 0 } } })
    expect((await ask(port, request('GET /tasks'))).status).toBe(204)
  })
})

describe('when the client goes away', () => {
  test.each([
    // says                                    request                                                                answer
    ['while the upstream thinks',              request('GET /tasks'),                                                 undefined],
    ['while it answers',                       request('GET /tasks'),                                                 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['while it sends',                         request('POST /write?db=a', `Content-Length: ${FIRST_PART + 5}\r\n`, 'hello'.padEnd(FIRST_PART)), undefined],
    ['while it sends chunks',                  request('POST /write?db=a', 'Transfer-Encoding: chunked\r\n', `${FIRST_PART.toString(16)}\r\n${'hello'.padEnd(FIRST_PART)}\r\n`), undefined],
  ])('%s, the upstream is told', async (_says, bytes, answer) => {
    let closed = false
    const { port, upstream, gateway } = await start(() => answer, {
      onHead: (_, socket) => { socket.on('close', () => { closed = true }); return undefined },
    })
    const client = await rawClient(port)
    client.send(bytes)
    await until(() => /POST/.test(bytes) ? upstream.received().includes('hello') : upstream.requests.length === 1)
    if (answer) await client.until('hello')
    client.close()
    await until(() => closed && gateway.upstream.stats.open === 0)
    // A body that breaks off is never ended
    expect(upstream.received()).not.toContain('0\r\n\r\n')
    expect(gateway.warnings).toEqual([])
  })
})

describe('a connection kept alive that turns out to be closed', () => {
  /** The first connection answers once, and hangs up when it is asked again. */
  const once: Answer = ({ connection }, socket) => {
    const sent = (socket as Socket & { sent?: boolean })
    if (connection > 0 || !sent.sent) {
      sent.sent = true
      return NO_CONTENT
    }
    return hangUp(socket)
  }

  test.each(['GET', 'HEAD'])('%s is sent once more, on another', async (method) => {
    const { port, upstream } = await start(once)
    await ask(port, request('GET /first'))
    expect((await ask(port, request(`${method} /second`))).status).toBe(204)
    expect(upstream.requests.map(({ target, connection }) => [target, connection])).toEqual([['/first', 0], ['/second', 0], ['/second', 1]])
  })

  test('on one that was never used before', async () => {
    const held: (() => void)[] = []
    const { port, upstream, gateway } = await start((got, socket) => {
      if (got.target !== '/first') return once(got, socket)
      held.push(() => socket.write(once(got, socket) ?? ''))
      return undefined
    })
    const both = [ask(port, request('GET /first')), ask(port, request('GET /first'))]
    await until(() => held.length === 2)
    for (const answer of held) answer()
    await Promise.all(both)
    expect(gateway.upstream.stats.idle).toBe(2)
    // Whatever idles beside it is as old
    upstream.answer((got, socket) => (got.connection < 2 ? hangUp(socket) : NO_CONTENT))
    expect((await ask(port, request('GET /second'))).status).toBe(204)
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([0, 1, 1, 2])
  })

  test.each([
    // says                    line                     headers                     body
    ['POST',                   'POST /write?db=a',      'Content-Length: 2\r\n',    'hi'],
    ['POST without a body',    'POST /tasks',           '',                         ''],
    ['PUT',                    'PUT /tasks',            '',                         ''],
    ['PATCH',                  'PATCH /tasks',          'Content-Length: 2\r\n',    'hi'],
    ['DELETE',                 'DELETE /tasks',         '',                         ''],
    ['GET with a body',        'GET /tasks',            'Content-Length: 2\r\n',    'hi'],
  ])('%s is not: 502', async (_says, line, headers, body) => {
    const { port, upstream } = await start(once)
    await ask(port, request('GET /first'))
    expect((await ask(port, request(line, headers, body))).status).toBe(502)
    expect(upstream.requests).toHaveLength(2)
  })

  test('nor is anything sent a third time', async () => {
    const { port, upstream } = await start(({ target }, socket) => (target === '/first' ? NO_CONTENT : hangUp(socket)))
    await ask(port, request('GET /first'))
    expect((await ask(port, request('GET /second'))).status).toBe(502)
    expect(upstream.requests.map(({ target }) => target)).toEqual(['/first', '/second', '/second'])
  })

  test('nor one that was slow', async () => {
    const { port, upstream } = await start(({ target }) => (target === '/first' ? NO_CONTENT : undefined), { gateway: { upstream: { responseTimeout: 20 } } })
    await ask(port, request('GET /first'))
    expect((await ask(port, request('GET /second'))).status).toBe(504)
    expect(upstream.requests).toHaveLength(2)
  })

  test('what the upstream says unasked is nobody’s answer', async () => {
    let idle: Socket | undefined
    const { port, upstream, gateway } = await start((_, socket) => { idle = socket; return NO_CONTENT }, { gateway: { upstream: { keepAlive: 600_000 } } })
    await ask(port, request('GET /first'))
    idle?.write('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsmuggle')
    await until(() => gateway.upstream.stats.open === 0)
    expect(await ask(port, request('GET /second'))).toMatchObject({ status: 204, body: '' })
    expect(upstream.connections).toBe(2)
  })

  test('nor is what comes along behind an answer', async () => {
    const { port } = await start(({ target }) => target === '/first' ? `${NO_CONTENT}HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsmuggle` : NO_CONTENT)
    const { status } = await ask(port, request('GET /first'))
    expect([204, 502]).toContain(status)
    expect(await ask(port, request('GET /second'))).toMatchObject({ status: 204, body: '' })
  })

  test('one that the upstream closes while idle is forgotten', async () => {
    let idle: Socket | undefined
    const { port, upstream, gateway } = await start((_, socket) => { idle = socket; return NO_CONTENT }, { gateway: { upstream: { keepAlive: 600_000 } } })
    await ask(port, request('GET /first'))
    idle?.end()
    await until(() => gateway.upstream.stats.open === 0)
    expect(gateway.upstream.stats.idle).toBe(0)
    expect((await ask(port, request('POST /second'))).status).toBe(204)
    expect(upstream.requests).toHaveLength(2)
  })

  test('one that is not needed is closed', async () => {
    const { port, gateway } = await start(undefined, { gateway: { upstream: { keepAlive: 30 } } })
    await ask(port, request('GET /first'))
    await until(() => gateway.upstream.stats.open === 0)
  })
})

describe('D6: an upstream that answers before it has the whole request is not asked again on that connection', () => {
  test('its second answer is nobody’s', async () => {
    let sayMore = () => {}
    const early = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly'
    const { port, upstream, gateway } = await start((got, socket) => {
      if (got.target !== '/write?db=a') return 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright'
      sayMore = () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong')
      return undefined
    }, { onHead: (head) => (head.startsWith('POST') ? early.slice(0, -1) : undefined) })
    const client = await rawClient(port)
    client.send(request('POST /write?db=a', `Content-Length: ${FIRST_PART + 2}\r\n`, 'x'.repeat(FIRST_PART)))
    await client.until('earl')
    client.send('yz')
    await until(() => upstream.requests.length === 1)
    // The whole request is there now: only then does the answer end
    for (const socket of upstream.sockets) socket.write('y')
    expect((await client.answer('POST')).body).toBe('early')
    sayMore()
    client.send(request('GET /tasks'))
    expect((await client.answer()).body).toBe('right')
    expect([upstream.connections, gateway.upstream.stats.open]).toEqual([2, 1])
    client.close()
  })
})

describe('an answer before the whole request', () => {
  test.each([
    // says                         head of the answer
    ['and the connection stays',    'HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\n\r\nbig'],
    ['and the connection goes',     'HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig'],
  ])('is passed on at once; the rest of the body is not taken for a request: %s', async (_says, early) => {
    const { port, upstream } = await start(() => NO_CONTENT, { onHead: (head) => (head.includes('/write') ? early : undefined) })
    const client = await rawClient(port)
    client.send(request('POST /write?db=a', `Content-Length: ${FIRST_PART + 1_000}\r\n`, 'x'.repeat(FIRST_PART)))
    expect(await client.answer('POST')).toMatchObject({ status: 413, body: 'big' })
    client.send(request('GET /smuggled').padEnd(1_000, 'x').slice(0, 1_000))
    client.send(request('GET /next'))
    expect((await client.answer()).status).toBe(204)
    client.close()
    expect(upstream.requests.map(({ target }) => target)).toEqual(['/next'])
  })
})

test('a gateway whose upstream was closed refuses', async () => {
  const { port, gateway } = await start()
  await ask(port, request('GET /tasks'))
  gateway.upstream.close()
  expect((await ask(port, request('GET /tasks'))).status).toBe(502)
  expect(gateway.upstream.stats).toEqual({ open: 0, idle: 0, waiting: 0 })
})
