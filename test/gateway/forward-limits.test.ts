import type { RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import Koa from 'koa'
import { afterEach, describe, expect, test } from 'vitest'
import { ANYONE } from '../../src/authz/user.js'
import { createUpstream, type Upstream } from '../../src/gateway/connections/upstream.js'
import { forward } from '../../src/gateway/forward.js'
import { FIRST_PART } from '../../src/gateway/request/request-body.js'
import { bodyLimit } from '../../src/middleware/body-limit.js'
import { holdContinue } from '../../src/server/expectation.js'
import { type Listening, listen } from '../../src/server/listen.js'
import type { ServerLimits } from '../../src/server/server-limits.js'
import { keptTime } from '../support/kept-time.js'
import { type RecordingUpstream, type RecordingUpstreamOptions, startRecordingUpstream } from '../support/recording-upstream.js'
import { until } from '../support/until.js'
import { rawClient } from './raw-client.js'

let listening: Listening | undefined
let recording: RecordingUpstream | undefined
let upstream: Upstream | undefined
afterEach(async () => {
  await listening?.close(0)
  upstream?.close()
  await recording?.close()
})

/** A gateway without a login, and a client of it. */
async function start(limits: ServerLimits & { maxBodySize?: number }, options: RecordingUpstreamOptions = {}, url?: string) {
  const { maxBodySize = 0, ...serverLimits } = limits
  recording = await startRecordingUpstream(options)
  upstream = createUpstream({ url: url ?? recording.url })
  const app = new Koa()
  app.use(bodyLimit(maxBodySize))
  app.use((ctx, next) => {
    ctx.state.user = ANYONE
    return next()
  })
  app.use(forward(upstream))
  const prepare = (server: Parameters<typeof holdContinue>[0], handle: RequestListener) => holdContinue(server, handle)
  listening = await listen(app.callback(), { address: '127.0.0.1:0', option: '[http] bind-address', limits: serverLimits, prepare })
  return { client: await rawClient(Number(new URL(listening.url).port)), recording }
}

const POST = 'POST /a HTTP/1.1\r\nHost: x\r\n'
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`
const CLOSED = 'closed'

/** A chunk as long as what is waited for before the upstream is asked. */
const LARGE = `${FIRST_PART.toString(16)}\r\n${'hello'.padEnd(FIRST_PART)}\r\n`

/** Resolves when the gateway has ended its connection to the upstream. */
function cutOff(): { onHead: (head: string, socket: Socket) => undefined; cut: Promise<string> } {
  let tell = (_text: string) => {}
  const cut = new Promise<string>((resolve) => { tell = resolve })
  return {
    cut,
    onHead(_head, socket) {
      socket.once('close', () => tell(CLOSED))
      return undefined
    },
  }
}

describe('max-body-size', () => {
  test('a length above it is refused before anything is forwarded', async () => {
    const { client, recording } = await start({ maxBodySize: 10 })
    client.send(`${POST}Content-Length: 11\r\n\r\n12345678901`)
    expect((await client.answer()).status).toBe(413)
    client.send(`${POST}Content-Length: 10\r\n\r\n1234567890`)
    expect((await client.answer()).status).toBe(204)
    expect(recording.requests.map(({ body }) => body)).toEqual(['1234567890'])
    client.close()
  })

  test('a client that asks first is refused first', async () => {
    const { client, recording } = await start({ maxBodySize: 10 })
    client.send(`${POST}Expect: 100-continue\r\nContent-Length: 11\r\n\r\n`)
    expect((await client.answer()).status).toBe(413)
    expect((await client.ended()).rest).toBe('')
    expect(recording.connections).toBe(0)
  })

  test('chunks above it: 413, and the upstream’s request is cut, not completed', async () => {
    const { cut, onHead } = cutOff()
    const { client, recording } = await start({ maxBodySize: 100_000 }, { onHead })
    client.send(`${CHUNKED}${LARGE}`)
    await until(() => recording.received().includes('hello'))
    client.send(`${LARGE}6\r\n world\r\n0\r\n\r\n`)
    const answer = await client.answer()
    expect([answer.status, JSON.parse(answer.body)]).toEqual([413, { error: 'the body is longer than 100000 bytes' }])
    expect(await cut).toBe(CLOSED)
    expect(recording.received()).not.toContain('world')
    expect(recording.received().endsWith('0\r\n\r\n')).toBe(false)
    expect(recording.requests).toEqual([])
    client.send('GET /next HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await client.answer()).status).toBe(204)
    client.close()
  })

  test('chunks above it within the first part: 413, and the upstream hears nothing', async () => {
    const { client, recording } = await start({ maxBodySize: 10 })
    client.send(`${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`)
    expect((await client.answer()).status).toBe(413)
    expect(recording.connections).toBe(0)
    client.close()
  })

  test('chunks above it after the answer has begun: both connections are cut', async () => {
    const { cut, onHead } = cutOff()
    const { client, recording } = await start({ maxBodySize: 100_000 }, {
      onHead(head, socket) {
        onHead(head, socket)
        return 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning'
      },
    })
    client.send(`${CHUNKED}${LARGE}`)
    await client.until('beginning')
    client.send(`${LARGE}6\r\n world\r\n0\r\n\r\n`)
    expect((await client.answer()).whole).toBe(false)
    expect(await cut).toBe(CLOSED)
    expect(recording.received()).not.toContain('world')
  })
})

describe('body-timeout', () => {
  test('a client that stops within its body: 408, and the upstream’s request is cut', async () => {
    const { cut, onHead } = cutOff()
    const { client, recording } = await start({ bodyTimeout: 200 }, { onHead })
    client.send(`${CHUNKED}${LARGE}5\r\nhello\r\n`)
    expect((await client.answer()).status).toBe(408)
    expect(await cut).toBe(CLOSED)
    expect(recording.requests).toEqual([])
    expect((await client.ended()).rest).toBe('')
  })

  test('it is not the client’s fault that the upstream takes nothing', () => keptTime(200, async (limit) => {
    await listening?.close(0)
    const length = 64 * 1024 * 1024
    let taken = 0
    const lazy = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => {
        socket.pause()
        setTimeout(() => socket.resume(), 3 * limit)
      })
      socket.on('data', (data) => {
        taken += data.length
        if (taken > length) socket.end('HTTP/1.1 204 No Content\r\n\r\n')
      })
    })
    await new Promise<void>((resolve) => lazy.listen(0, '127.0.0.1', resolve))
    const { client } = await start({ bodyTimeout: limit }, {}, `http://127.0.0.1:${(lazy.address() as AddressInfo).port}`)
    client.send(`${POST}Content-Length: ${length}\r\n\r\n`)
    client.send(Buffer.alloc(length, 'x'))
    expect((await client.answer()).status).toBe(204)
    client.close()
    lazy.close()
  }))

  test('a client that stops within the first part, or that is told to go on and does not: 408, and the upstream hears nothing', async () => {
    for (const rest of ['Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'Expect: 100-continue\r\nContent-Length: 5\r\n\r\n']) {
      const { client, recording } = await start({ bodyTimeout: 100 })
      client.send(`${POST}${rest}`)
      if (rest.startsWith('Expect')) expect((await client.answer()).status).toBe(100)
      expect((await client.answer()).status).toBe(408)
      expect((await client.ended()).rest).toBe('')
      expect(recording.connections).toBe(0)
      await listening?.close(0)
    }
  })
})
