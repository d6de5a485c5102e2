import Koa, { type Context } from 'koa'
import { afterEach, describe, expect, test } from 'vitest'
import { bodyLimit } from '../../src/middleware/body-limit.js'
import { errorResponse } from '../../src/middleware/error-response.js'
import { readBody } from '../../src/middleware/read-body.js'
import { rawClient } from '../gateway/raw-client.js'
import { startServer, type TestServer } from '../support/servers.js'

let server: TestServer | undefined
afterEach(() => server?.close())

let reached = 0
async function start(max: number) {
  reached = 0
  const app = new Koa()
  app.use(errorResponse())
  app.use(bodyLimit(max))
  app.use(async (ctx: Context) => {
    reached++
    ctx.body = { length: (await readBody(ctx.req)).length }
  })
  server = await startServer(app.callback())
  return rawClient(server.port)
}

const sized = (length: number) => `Content-Length: ${length}\r\n\r\n${'x'.repeat(length)}`
const chunked = (...lengths: number[]) =>
  `Transfer-Encoding: chunked\r\n\r\n${[...lengths, 0].map((n) => `${n.toString(16)}\r\n${n ? `${'x'.repeat(n)}\r\n` : '\r\n'}`).join('')}`

test.each([
  // says                        max      bytes                 status
  ['just as long',               10,      sized(10),            200],
  ['too long by one',            10,      sized(11),            413],
  ['none',                       10,      '\r\n',               200],
  ['of length 0',                10,      sized(0),             200],
  ['any, without a limit',       0,       sized(100_000),       200],
  ['chunks, just as long',       10,      chunked(4, 6),        200],
  ['chunks, too long by one',    10,      chunked(4, 7),        413],
  ['one chunk, too long',        10,      chunked(11),          413],
  ['chunks, without a limit',    0,       chunked(50_000, 50_000), 200],
])('%s: %i bytes allowed', async (_says, max, bytes, status) => {
  const client = await start(max)
  client.send(`POST / HTTP/1.1\r\nHost: x\r\n${bytes}`)
  const answer = await client.answer()
  expect(answer.status).toBe(status)
  if (status === 413) {
    expect(JSON.parse(answer.body)).toEqual({ error: `the body is longer than ${max} bytes` })
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  }
  client.close()
})

test('by its length it is refused before anybody has seen it', async () => {
  const client = await start(10)
  client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n')
  expect((await client.answer()).status).toBe(413)
  expect(reached).toBe(0)
  client.close()
})

test('chunks are refused as soon as they are too long', async () => {
  const client = await start(10)
  client.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n12345678901')
  expect((await client.answer()).status).toBe(413)
  client.close()
})

test('readBody keeps its own limit below a wider one', async () => {
  const client = await start(10_000_000)
  client.send(`POST / HTTP/1.1\r\nHost: x\r\n${chunked(1_048_577)}`)
  const answer = await client.answer()
  expect([answer.status, JSON.parse(answer.body)]).toEqual([413, { error: 'the body is longer than 1 MiB' }])
  client.close()
})

describe('mistakes', () => {
  test.each([[-1], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY]])('%s bytes', (max) => {
    expect(() => bodyLimit(max)).toThrow(TypeError)
  })
})
