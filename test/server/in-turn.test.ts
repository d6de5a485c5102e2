import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { answerClientError } from '../../src/server/client-error.js'
import { inTurn } from '../../src/server/in-turn.js'
import { rawClient } from '../gateway/raw-client.js'
import { startServer, type TestServer } from '../support/servers.js'
import { until } from '../support/until.js'

let server: TestServer
let take = (_socket: Socket) => {}
afterEach(() => server.close())

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`

/** A server whose requests are answered by hand. */
async function start() {
  const asked: { url: string; res: ServerResponse }[] = []
  let wake = () => {}
  server = await startServer(inTurn((req, res) => {
    asked.push({ url: req.url ?? '', res })
    wake()
  }))
  server.server.on('clientError', answerClientError)
  server.server.on('connection', take)
  const client = await rawClient(server.port)
  return {
    asked,
    client,
    async next() {
      while (asked.length === 0) await new Promise<void>((resolve) => { wake = resolve })
      return asked.shift() as (typeof asked)[0]
    },
  }
}

test('pipelined requests are handled one after the other', async () => {
  const { client, asked, next } = await start()
  client.send(get('/1') + get('/2') + get('/3'))
  for (const url of ['/1', '/2', '/3']) {
    const one = await next()
    expect(one.url).toBe(url)
    expect(asked).toEqual([])
    one.res.end(`this is ${url}`)
    expect((await client.answer()).body).toBe(`this is ${url}`)
  }
  client.close()
})

test('behind an answer that closes the connection nothing is handled', async () => {
  const { client, asked, next } = await start()
  client.send(get('/refused') + get('/smuggled'))
  const { res } = await next()
  res.writeHead(400, { Connection: 'close' }).end()
  expect((await client.answer()).status).toBe(400)
  expect((await client.ended()).rest).toBe('')
  expect(asked).toEqual([])
})

test('one that is found to be broken while it waits is never handled', async () => {
  const { client, asked, next } = await start()
  client.send(`${get('/1')}POST /2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`)
  const { res } = await next()
  client.send(`no chunk\r\n${get('/3')}`)
  await new Promise((resolve) => server.server.once('clientError', resolve))
  res.end('first')
  expect((await client.answer()).body).toBe('first')
  expect((await client.answer()).status).toBe(400)
  expect((await client.ended()).rest).toBe('')
  expect(asked).toEqual([])
})

test('a client that leaves takes its waiting requests along', async () => {
  const { client, asked, next } = await start()
  client.send(get('/1') + get('/2'))
  const { res } = await next()
  const closed = new Promise((resolve) => res.once('close', resolve))
  client.close()
  await closed
  const other = await rawClient(server.port)
  other.send(get('/other'))
  expect((await next()).url).toBe('/other')
  expect(asked).toEqual([])
  other.close()
})

test('a thousand at once are all answered, in order', async () => {
  const { client, next } = await start()
  const count = 1_000
  client.send(Array.from({ length: count }, (_, i) => get(`/${i}`, `X: ${'x'.repeat(200)}\r\n`)).join(''))
  for (let i = 0; i < count; i++) {
    const { res, url } = await next()
    res.end(url)
    expect((await client.answer()).body).toBe(`/${i}`)
  }
  client.close()
})

test('a flood of requests behind one that takes long is not read into memory', async () => {
  const connected = new Promise<Socket>((resolve) => { take = resolve })
  const { client, next } = await start()
  const socket = await connected
  client.send(get('/slow'))
  const { res } = await next()
  client.send(get('/more', `X: ${'x'.repeat(200)}\r\n`).repeat(100_000))
  const MOST = 2_000_000
  await until(() => socket.isPaused() || socket.bytesRead > MOST)
  // Nor does anything that still happens read on
  for (let i = 0; i < 1_000; i++) await new Promise(setImmediate)
  expect(socket.isPaused()).toBe(true)
  expect(socket.bytesRead).toBeLessThan(MOST)
  res.end('at last')
  expect((await client.answer()).body).toBe('at last')
  client.close()
})
