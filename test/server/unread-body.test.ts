import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Listening, listen } from '../../src/server/listen.js'
import { hasBody } from '../../src/server/unread-body.js'
import { rawClient } from '../gateway/raw-client.js'

const open: Listening[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close(0)))
})

const asked: string[] = []
const refuse: RequestListener = (req, res) => {
  asked.push(`${req.method} ${req.url}`)
  res.statusCode = 401
  res.end('no')
}

async function start(unreadBodyTimeout: number, handle = refuse): Promise<number> {
  asked.length = 0
  const listening = await listen(handle, {
    address: '127.0.0.1:0',
    option: '[http] bind-address',
    limits: { unreadBodyTimeout, bodyTimeout: 60_000, keepAliveTimeout: 60_000 },
  })
  open.push(listening)
  return Number(new URL(listening.url).port)
}

const POST = 'POST / HTTP/1.1\r\nHost: x\r\n'

describe('a refused request whose body does not end is answered, and then the connection is cut', () => {
  test.each([
    ['chunks without end',      'Transfer-Encoding: chunked\r\n\r\n', '5\r\nhello\r\n'],
    ['a length never reached',  'Content-Length: 1000000000\r\n\r\n', 'hello'],
    ['nothing at all',          'Content-Length: 1000000000\r\n\r\n', ''],
    ['with Connection: close',  'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n', '5\r\nhello\r\n'],
  ])('%s', async (_says, headers, piece) => {
    const client = await rawClient(await start(300))
    client.send(POST + headers)
    const sending = setInterval(() => client.send(piece), 20)
    expect((await client.answer()).status).toBe(401)
    await client.ended()
    if (!client.socket.closed) await once(client.socket, 'close')
    clearInterval(sending)
    expect(asked).toEqual(['POST /'])
  })
})

describe('a client that sends the whole body before it reads gets the answer', () => {
  test.each([
    ['and the connection goes on',        '',                        2],
    ['and the connection ends',           'Connection: close\r\n',   1],
  ])('%s', async (_says, header, answers) => {
    const client = await rawClient(await start(20_000))
    client.socket.pause()
    client.send(`${POST}${header}Content-Length: 20000000\r\n\r\n`)
    const body = Buffer.alloc(20_000_000)
    await new Promise<void>((resolve) => client.socket.write(body, () => resolve()))
    if (answers === 2) client.send('GET /next HTTP/1.1\r\nHost: x\r\n\r\n')
    client.socket.resume()
    for (let i = 0; i < answers; i++) expect((await client.answer()).status).toBe(401)
    if (answers === 1) expect(await client.ended()).toEqual({ rest: '', error: undefined })
    client.close()
  })
})

test('a body that ends soon after the answer ends nothing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    let onEnd = () => {}
    const ended = new Promise<void>((resolve) => { onEnd = resolve })
    const client = await rawClient(await start(1_000, (req, res) => {
      req.once('end', onEnd)
      refuse(req, res)
    }))
    client.send(`${POST}Content-Length: 5\r\n\r\n`)
    expect((await client.answer()).status).toBe(401)
    expect(vi.getTimerCount()).toBe(1)
    client.send('hello')
    await ended
    vi.advanceTimersByTime(60_000)
    client.send('GET /next HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await client.answer()).status).toBe(401)
    client.close()
  } finally {
    vi.useRealTimers()
  }
})

test('a connection that is kept gathers nothing', async () => {
  let listeners = 0
  const port = await start(20_000, (req, res) => {
    listeners = req.socket.listenerCount('close')
    refuse(req, res)
  })
  const client = await rawClient(port)
  const round = async () => {
    client.send(`${POST}Content-Length: 5\r\n\r\n`)
    await client.answer()
    client.send('hello')
  }
  await round()
  await round()
  const before = listeners
  for (let i = 0; i < 20; i++) await round()
  expect(listeners).toBe(before)
})

test('a body is never taken for a request', async () => {
  const inner = 'DELETE /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
  const client = await rawClient(await start(300))
  client.send(`${POST}Content-Length: ${inner.length}\r\n\r\n${inner}GET /next HTTP/1.1\r\nHost: x\r\n\r\n`)
  await client.answer()
  await client.answer()
  expect(asked).toEqual(['POST /', 'GET /next'])
  client.close()
})

test('an error in the body of a request that has been answered is not an answer to the next', async () => {
  const client = await rawClient(await start(20_000))
  client.send(`${POST}Transfer-Encoding: chunked\r\n\r\n`)
  expect((await client.answer()).status).toBe(401)
  client.send('no chunk\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n')
  expect((await client.ended()).rest).toBe('')
  expect(asked).toEqual(['POST /'])
})

test.each([
  [['Host', 'x'],                                     false],
  [['Content-Length', '0'],                           false],
  [['content-length', '1'],                           true],
  [['X', '1', 'TRANSFER-ENCODING', 'chunked'],        true],
  [['Content-Lengths', '1', 'X-Content-Leng', '1'],   false],
])('%j has a body: %s', (rawHeaders, expected) => {
  expect(hasBody({ rawHeaders })).toBe(expected)
})
