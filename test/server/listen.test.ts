import type { RequestListener } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { readBody } from '../../src/middleware/read-body.js'
import { type Listening, type ListenOptions, listen } from '../../src/server/listen.js'
import { rawClient } from '../gateway/raw-client.js'
import { keptTime } from '../support/kept-time.js'

const open: Listening[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close(0)))
})

const asked: string[] = []
const OK: RequestListener = (req, res) => {
  asked.push(`${req.method} ${req.url}`)
  res.end('fine')
}

async function start(limits: ListenOptions['limits'] = {}, handle = OK, more: Partial<ListenOptions> = {}): Promise<number> {
  asked.length = 0
  const listening = await listen(handle, { address: '127.0.0.1:0', option: '[http] bind-address', limits, ...more })
  open.push(listening)
  return Number(new URL(listening.url).port)
}

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

describe('a client that holds back its headers', () => {
  test.each([
    ['says nothing',                  ''],
    ['stops within the line',         'GET / HT'],
    ['stops within the headers',      'GET / HTTP/1.1\r\nHost: x\r\n'],
  ])('%s: 408, and the connection ends', async (_says, bytes) => {
    const client = await rawClient(await start({ headerTimeout: 100, bodyTimeout: 20 }))
    client.send(bytes)
    const { status, body } = await client.answer()
    expect(status).toBe(408)
    expect(JSON.parse(body)).toEqual({ error: 'request not received in time' })
    expect(await client.ended()).toEqual({ rest: '', error: undefined })
    expect(asked).toEqual([])
  })

  test('drips them: no byte starts the time anew', async () => {
    const client = await rawClient(await start({ headerTimeout: 300 }))
    client.send('GET / HTTP/1.1\r\nHost: x\r\nX: ')
    const drip = setInterval(() => client.send('x'), 20)
    expect((await client.answer()).status).toBe(408)
    clearInterval(drip)
    client.close()
  })

  test('holds back those of the second request', () => keptTime(300, async (limit) => {
    const client = await rawClient(await start({ headerTimeout: limit }))
    client.send(`${GET}GET / HT`)
    expect((await client.answer()).status).toBe(200)
    expect((await client.answer()).status).toBe(408)
    await client.ended()
  }))
})

test('a connection that is idle after an answer is closed', async () => {
  const client = await rawClient(await start({ keepAliveTimeout: 50 }))
  client.send(GET)
  expect((await client.answer()).headers['keep-alive']).toBeDefined()
  expect(await client.ended()).toEqual({ rest: '', error: undefined })
})

describe('headers', () => {
  test.each([
    // bytes  limit   status
    [3_000,   2_048,  431],
    [1_000,   2_048,  200],
    [30_000,  65_536, 200],
    [30_000,  undefined, 431],
  ])('of %i bytes where %i are allowed: %i', async (bytes, maxHeaderBytes, status) => {
    const client = await rawClient(await start(maxHeaderBytes === undefined ? {} : { maxHeaderBytes }))
    client.send(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(bytes)}\r\n\r\n`)
    expect((await client.answer()).status).toBe(status)
    client.close()
  })

  test('none is forgotten for the number of those before it', async () => {
    let length: string | undefined
    const port = await start({}, (req, res) => {
      length = req.headers['content-length']
      res.end()
    })
    const client = await rawClient(port)
    client.send(`POST / HTTP/1.1\r\nHost: x\r\n${'a:b\r\n'.repeat(1_500)}Content-Length: 5\r\n\r\nhello`)
    await client.answer()
    expect(length).toBe('5')
    client.close()
  })
})

describe('connections', () => {
  test('above the limit are closed at once, and the operator hears of it, once', async () => {
    const warnings: string[] = []
    const log = { info: () => {}, error: () => {}, warn: (_: object, message: string) => void warnings.push(message) }
    const port = await start({ maxConnections: 1 }, OK, { log })
    const first = await rawClient(port)
    first.send(GET)
    await first.answer()
    for (let i = 0; i < 2; i++) {
      const second = connect({ host: '127.0.0.1', port })
      second.on('error', () => {})
      second.write(GET)
      await new Promise((resolve) => second.once('close', resolve))
    }
    first.send(GET)
    expect((await first.answer()).status).toBe(200)
    expect(asked).toHaveLength(2)
    expect(warnings).toHaveLength(1)
    first.close()
  })

  test('0 is any number', async () => {
    const port = await start({ maxConnections: 0 })
    const clients = await Promise.all(Array.from({ length: 20 }, () => rawClient(port)))
    for (const client of clients) {
      client.send(GET)
      expect((await client.answer()).status).toBe(200)
    }
    for (const client of clients) client.close()
  })
})

describe('other versions of HTTP', () => {
  test('the preface of HTTP/2 is refused, and what is behind it goes nowhere', async () => {
    const client = await rawClient(await start())
    client.send(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${GET}`)
    expect((await client.answer()).status).toBe(400)
    expect(await client.ended()).toEqual({ rest: '', error: undefined })
    expect(asked).toEqual([])
  })

  test.each([
    ['without keep-alive',      ''],
    ['with keep-alive',         'Connection: keep-alive\r\n'],
  ])('HTTP/1.0 %s: one request is answered, and the connection ends', async (_says, header) => {
    const client = await rawClient(await start())
    client.send(`GET /a HTTP/1.0\r\n${header}\r\nDELETE /b HTTP/1.0\r\n\r\n`)
    const { status, headers, body } = await client.answer()
    expect([status, headers.connection, body]).toEqual([200, 'close', 'fine'])
    expect((await client.ended()).rest).toBe('')
    expect(asked).toEqual(['GET /a'])
  })

  test('Connection: close: what is behind it is neither handled nor answered', async () => {
    const client = await rawClient(await start())
    client.send(`GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n${GET}`)
    expect((await client.answer()).status).toBe(200)
    expect((await client.ended()).rest).toBe('')
    expect(asked).toEqual(['GET /a'])
  })
})

test('while it stops, requests in flight are finished, with their bodies', async () => {
  let isAsked = () => {}
  const arrived = new Promise<void>((resolve) => { isAsked = resolve })
  const listening = await listen(async (req, res) => {
    isAsked()
    res.end(await readBody(req))
  }, { address: '127.0.0.1:0', option: '[http] bind-address' })
  const client = await rawClient(Number(new URL(listening.url).port))
  client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfirst')
  await arrived
  const closed = listening.close(20_000)
  client.send('after')
  expect((await client.answer()).body).toBe('firstafter')
  await closed
})
