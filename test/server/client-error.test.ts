import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerClientError } from '../../src/server/client-error.js'
import { exchange } from '../support/replay.js'

let server: Server
let port: number
let handled: string[] = []
let slow: ServerResponse[] = []

beforeAll(async () => {
  server = createServer((req, res) => {
    handled.push(`${req.method} ${req.url}`)
    if (req.url === '/streaming') {
      res.write('the beginning') // the head goes out with it
      req.on('error', () => {}).resume()
    } else if (req.url === '/slow') {
      slow.push(res)
    } else if (req.url === '/waiting') {
      req.on('error', () => {}).resume()
    } else {
      res.end('handled')
    }
  }).on('clientError', answerClientError)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const lines = (...parts: string[]) => Buffer.from(`${parts.join('\r\n')}\r\n\r\n`, 'latin1')
const HOST = 'Host: x'

describe('what Node’s parser refuses is answered in our form', () => {
  test.each([
    // says                              status  error                        bytes
    ['a method in lower case',           405,    'method not allowed',        lines('get / HTTP/1.1', HOST)],
    ['a method nobody knows',            405,    'method not allowed',        lines('FOO / HTTP/1.1', HOST)],
    ['a method that starts alike',       405,    'method not allowed',        lines('GETX / HTTP/1.1', HOST)],
    ['headers without an end',           431,    'request headers too large', lines('GET / HTTP/1.1', HOST, `X: ${'x'.repeat(20_000)}`)],
    ['a target without an end',          431,    'request headers too large', lines(`GET /${'x'.repeat(20_000)} HTTP/1.1`, HOST)],
    ['no HTTP',                          400,    'malformed request',         lines('GET / FTP/1.1', HOST)],
    ['an HTTP that there is not',        400,    'malformed request',         lines('GET / HTTP/9.9', HOST)],
    ['no first slash',                   400,    'malformed request',         lines('GET kapacitor HTTP/1.1', HOST)],
    ['a target with a space',            400,    'malformed request',         lines('GET /a b HTTP/1.1', HOST)],
    ['a target with NUL',                400,    'malformed request',         lines('GET /a\0b HTTP/1.1', HOST)],
    ['a space before the colon',         400,    'malformed request',         lines('GET / HTTP/1.1', HOST, 'Authorization : Basic x')],
    ['a header without a colon',         400,    'malformed request',         lines('GET / HTTP/1.1', HOST, 'Authorization')],
    ['a header with NUL',                400,    'malformed request',         lines('GET / HTTP/1.1', HOST, 'X: a\0b')],
    ['a header over two lines',          400,    'malformed request',         lines('GET / HTTP/1.1', HOST, 'X: a', ' b')],
    ['a lone carriage return',           400,    'malformed request',         lines('GET / HTTP/1.1', HOST, 'X: a\rb')],
    ['two lengths',                      400,    'malformed request',         lines('POST / HTTP/1.1', HOST, 'Content-Length: 1', 'Content-Length: 2')],
    ['a length and chunks',              400,    'malformed request',         lines('POST / HTTP/1.1', HOST, 'Content-Length: 1', 'Transfer-Encoding: chunked')],
    ['not a length',                     400,    'malformed request',         lines('POST / HTTP/1.1', HOST, 'Content-Length: 1x')],
    ['a negative length',                400,    'malformed request',         lines('POST / HTTP/1.1', HOST, 'Content-Length: -1')],
    ['TLS',                              405,    'method not allowed',        Buffer.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 0])],
    ['noise',                            405,    'method not allowed',        Buffer.from('\x01\x02\x03\r\n\r\n')],
  ])('%s', async (_says, status, error, bytes) => {
    handled = []
    const { headers, body, ...answer } = await exchange(port, bytes)
    expect(answer.status).toBe(status)
    expect(JSON.parse(body)).toEqual({ error })
    expect(headers).toContain('\r\nContent-Type: application/json; charset=utf-8')
    expect(headers).toContain(`\r\nContent-Length: ${body.length}`)
    expect(headers).toContain('\r\nX-Content-Type-Options: nosniff')
    expect(headers).toContain('\r\nConnection: close')
    expect(headers.includes('\r\nAllow: GET, POST, PATCH, PUT, DELETE, HEAD, OPTIONS')).toBe(status === 405)
    expect(headers).not.toContain('WWW-Authenticate')
    expect(handled).toEqual([])
  })

  test('nothing of the request comes back', async () => {
    const { headers, body } = await exchange(port, lines('GET /x?p=hunter2 FTP/1.1', HOST, 'Authorization: hunter2'))
    expect(headers + body).not.toContain('hunter2')
  })

  test('a good request before it is answered as it should be', async () => {
    const { status, body } = await exchange(port, Buffer.concat([lines('GET / HTTP/1.1', HOST), lines('get / HTTP/1.1', HOST)]))
    expect(status).toBe(200)
    expect(body).toContain('handled')
    expect(body).toContain('HTTP/1.1 405 Method Not Allowed')
  })
})

describe('an answer that is on its way is not mixed with another', () => {
  test('the connection ends where the request goes wrong', async () => {
    const socket = connect({ host: '127.0.0.1', port })
    const received: Buffer[] = []
    socket.on('data', (data) => received.push(data))
    socket.on('error', () => {}) // it may be reset
    socket.write(lines('POST /streaming HTTP/1.1', HOST, 'Transfer-Encoding: chunked'))
    await until(socket, () => Buffer.concat(received).includes('the beginning'))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write('no chunk\r\n')
    await closed
    const text = Buffer.concat(received).toString()
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
    expect(text).not.toContain('malformed')
  })
})

describe('earlier requests of the connection are answered first', () => {
  const BROKEN_HEAD = lines('get / HTTP/1.1', HOST)
  const BROKEN_BODY = Buffer.concat([lines('POST /waiting HTTP/1.1', HOST, 'Transfer-Encoding: chunked'), Buffer.from('no chunk\r\n')])

  test.each([
    // says                                        before                                               error        statuses
    ['a broken head behind one',                   lines('GET /slow HTTP/1.1', HOST),                   BROKEN_HEAD, [200, 405]],
    ['a broken body behind one',                   lines('GET /slow HTTP/1.1', HOST),                   BROKEN_BODY, [200, 400]],
    ['a broken head behind several',               Buffer.concat([lines('GET /slow HTTP/1.1', HOST), lines('GET /quick HTTP/1.1', HOST), lines('GET /slow HTTP/1.1', HOST)]), BROKEN_HEAD, [200, 200, 200, 405]],
    ['something behind the last that is answered', lines('GET /slow HTTP/1.1', HOST, 'Connection: close'), lines('GET / HTTP/1.1', HOST), [200]],
  ])('%s', async (_says, before, error, statuses) => {
    slow = []
    handled = []
    const expected = handled.concat(before.toString().match(/GET \S+/g) ?? []).filter((line) => line.includes('/slow'))
    const socket = connect({ host: '127.0.0.1', port })
    const received: Buffer[] = []
    socket.on('data', (data) => received.push(data))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const failed = new Promise((resolve) => server.once('clientError', resolve))
    socket.write(Buffer.concat([before, error, lines('GET /smuggled HTTP/1.1', HOST)]))
    await failed
    while (slow.length < expected.length) await new Promise((resolve) => setImmediate(resolve))
    expect(received).toEqual([])
    for (const res of slow) res.end('at last')
    await closed
    expect([...Buffer.concat(received).toString().matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => Number(m[1]))).toEqual(statuses)
    expect(handled).not.toContain('GET /smuggled')
  })

  test('and one whose answer has begun is finished', async () => {
    slow = []
    const socket = connect({ host: '127.0.0.1', port })
    let text = ''
    socket.on('data', (data) => { text += data })
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const failed = new Promise((resolve) => server.once('clientError', resolve))
    socket.write(lines('GET /slow HTTP/1.1', HOST))
    while (slow.length === 0) await new Promise((resolve) => setImmediate(resolve))
    slow[0]?.writeHead(200, { 'Content-Length': 12 }).write('begun ')
    await until(socket, () => text.includes('begun'))
    socket.write(BROKEN_HEAD)
    await failed
    slow[0]?.end('ended!')
    await closed
    expect(text).toContain('begun ended!HTTP/1.1 405')
  })
})

test('a client that never hangs up does not keep the connection', async () => {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  socket.on('error', () => {})
  socket.write(lines('get / HTTP/1.1', HOST))
  socket.resume()
  await new Promise((resolve) => socket.once('end', resolve))
  const writing = setInterval(() => socket.write('more'), 20)
  await new Promise((resolve) => socket.once('close', resolve))
  clearInterval(writing)
})

test('before an answer has begun, the refusal is the answer', async () => {
  const bytes = Buffer.concat([lines('POST /waiting HTTP/1.1', HOST, 'Transfer-Encoding: chunked'), Buffer.from('no chunk\r\n')])
  const { status, body } = await exchange(port, bytes)
  expect(status).toBe(400)
  expect(JSON.parse(body)).toEqual({ error: 'malformed request' })
})

/** Waits for data until they are as they should be. */
async function until(socket: Socket, isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => socket.once('data', resolve))
}

describe('by the error’s code', () => {
  test.each([
    // code                               status line
    ['ERR_HTTP_REQUEST_TIMEOUT',          'HTTP/1.1 408 Request Timeout'],
    ['HPE_HEADER_OVERFLOW',               'HTTP/1.1 431 Request Header Fields Too Large'],
    ['HPE_INVALID_METHOD',                'HTTP/1.1 405 Method Not Allowed'],
    ['HPE_INVALID_CHUNK_SIZE',            'HTTP/1.1 400 Bad Request'],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW',     'HTTP/1.1 400 Bad Request'],
    ['EPIPE',                             'HTTP/1.1 400 Bad Request'],
    ['__proto__',                         'HTTP/1.1 400 Bad Request'],
    [undefined,                           'HTTP/1.1 400 Bad Request'],
  ])('%s', (code, statusLine) => {
    const socket = new PassThrough()
    answerClientError(Object.assign(new Error('apw'), code ? { code } : {}), socket)
    const text = String(socket.read())
    expect(text.split('\r\n')[0]).toBe(statusLine)
    expect(text).not.toContain('apw')
    expect(socket.writableEnded).toBe(true)
  })

  test('a client that has gone away is not answered', () => {
    const socket = new PassThrough()
    answerClientError(Object.assign(new Error(), { code: 'ECONNRESET' }), socket)
    expect(socket.read()).toBeNull()
    expect(socket.destroyed).toBe(true)
  })

  test('nor is one that cannot be written to', () => {
    const socket = new PassThrough()
    socket.end()
    answerClientError(Object.assign(new Error(), { code: 'HPE_INVALID_METHOD' }), socket)
    expect(socket.read()).toBeNull()
    expect(socket.destroyed).toBe(true)
  })

  test('what else is wrong behind it is not answered, and takes no answer away', () => {
    const socket = new PassThrough()
    const error = Object.assign(new Error(), { code: 'HPE_INVALID_METHOD' })
    answerClientError(error, socket)
    answerClientError(error, socket)
    expect(socket.destroyed).toBe(false)
    expect(String(socket.read()).match(/HTTP\/1\.1/g)).toHaveLength(1)
  })
})
