// A5, D2: nobody keeps the others out by being slow: neither by a body, nor by an answer, nor by many at a time.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa, { type Context, type Next } from 'koa'
import { afterEach, describe, expect, test } from 'vitest'
import { createUpstream } from '../../src/gateway/connections/upstream.js'
import type { UpstreamOptions } from '../../src/gateway/connections/upstream-options.js'
import { type ForwardOptions, forward } from '../../src/gateway/forward.js'
import { FIRST_PART } from '../../src/gateway/request/request-body.js'
import { holdContinue } from '../../src/server/expectation.js'
import { type Answer, NO_CONTENT, type RecordingUpstreamOptions, startRecordingUpstream } from '../support/recording-upstream.js'
import { until } from '../support/until.js'
import { ask, type RawClient, rawClient } from './raw-client.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close() })

/** A gateway that takes the user's name from X-User, and the address from X-Forwarded-For. Without X-User it is an open endpoint. */
async function start(upstreamOptions: Partial<UpstreamOptions> = {}, forwardOptions: ForwardOptions = {}, answer?: Answer, onHead?: RecordingUpstreamOptions['onHead']) {
  const recording = await startRecordingUpstream({ ...(answer && { answer }), ...(onHead && { onHead }) })
  const upstream = createUpstream({ url: recording.url, ...upstreamOptions })
  const app = new Koa()
  app.use((ctx: Context, next: Next) => {
    const name = ctx.get('X-User')
    if (name) ctx.state.user = { name, admin: true, privileges: new Map() }
    return next()
  })
  app.use(forward(upstream, { trustedProxies: ['127.0.0.1'], ...forwardOptions }))
  const handle = app.callback()
  const server = createServer(handle)
  holdContinue(server, handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(recording.close, async () => upstream.close(), () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections() }))
  const { port } = server.address() as AddressInfo
  const clients: RawClient[] = []
  closing.push(async () => { for (const client of clients) client.close() })
  return {
    recording,
    upstream,
    port,
    async send(bytes: string) {
      const client = await rawClient(port)
      clients.push(client)
      client.send(bytes)
      return client
    },
  }
}


/** The head of a request. */
const head = (line: string, user: string, from: string, headers = '') =>
  `${line} HTTP/1.1\r\nHost: me\r\n${user && `X-User: ${user}\r\n`}X-Forwarded-For: ${from}\r\n${headers}\r\n`
const get = (user: string, from: string) => head('GET /tasks', user, from)

describe('A5: a body that comes slowly holds no connection', () => {
  test.each([
    // says                          headers                                       what comes of the body
    ['by its length',                'Content-Length: 1000\r\n',                   'x'],
    ['almost the first part',        `Content-Length: ${FIRST_PART}\r\n`,          'x'.repeat(FIRST_PART - 1)],
    ['in chunks',                    'Transfer-Encoding: chunked\r\n',             '1\r\nx\r\n'],
    ['nothing yet',                  'Content-Length: 1000\r\n',                   ''],
    ['asked for',                    'Expect: 100-continue\r\nContent-Length: 9\r\n', ''],
  ])('%s', async (_says, headers, body) => {
    const { recording, send, port } = await start({ maxConnections: 1, maxWaiting: 0 })
    for (let i = 0; i < 5; i++) await send(head('POST /write?db=a', 'eve', '192.0.2.1', headers) + body)
    expect((await ask(port, get('ann', '192.0.2.2'))).status).toBe(204)
    expect(recording.requests.map(({ target }) => target)).toEqual(['/tasks'])
    expect(recording.connections).toBe(1)
  })

  test('when it is there, it goes out whole', async () => {
    const { recording, send } = await start({ maxConnections: 1 })
    const client = await send(head('POST /write?db=a', 'ann', '192.0.2.1', 'Content-Length: 10\r\n'))
    for (const letter of '0123456789') {
      expect(recording.connections).toBe(0)
      client.send(letter)
      await new Promise(setImmediate)
    }
    expect((await client.answer('POST')).status).toBe(204)
    expect(recording.requests.map(({ body }) => body)).toEqual(['0123456789'])
  })

  test('a longer one is streamed', async () => {
    const { recording, send } = await start()
    const client = await send(head('POST /write?db=a', 'ann', '192.0.2.1', `Content-Length: ${FIRST_PART + 1}\r\n`))
    client.send('first'.padEnd(FIRST_PART))
    await until(() => recording.received().includes('first'))
    expect(recording.requests).toEqual([])
    client.send('x')
    expect((await client.answer('POST')).status).toBe(204)
    expect(recording.requests[0]?.body).toBe(`${'first'.padEnd(FIRST_PART)}x`)
  })
})

describe('A5: a body has a least rate', () => {
  test('408 for one that is slower, and the connection goes: before and after the upstream was asked', async () => {
    for (const [body, asked] of [['x', 0], ['x'.repeat(FIRST_PART), 1]] as const) {
      const { send, recording, upstream } = await start({}, { minBodyRate: 1e9, bodyGrace: 20 })
      const client = await send(head('POST /write?db=a', 'eve', '192.0.2.1', 'Content-Length: 1000000\r\n') + body)
      expect(await client.answer('POST')).toMatchObject({ status: 408, headers: { connection: 'close' }, body: '{"error":"request body sent too slowly"}' })
      await until(() => upstream.stats.open === 0)
      expect([recording.connections, recording.requests.length]).toEqual([asked, 0])
    }
  })

  test('in the middle of an answer both connections are cut', async () => {
    const { send, upstream } = await start({}, { minBodyRate: 1e9, bodyGrace: 50 }, undefined, () => 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nearly')
    const client = await send(head('POST /write?db=a', 'eve', '192.0.2.1', 'Content-Length: 1000000\r\n') + 'x'.repeat(FIRST_PART))
    expect(await client.answer('POST')).toMatchObject({ status: 200, body: 'early', whole: false })
    await until(() => upstream.stats.open === 0)
  })

  test.each([Number.NaN, -1])('%s is not a rate', (minBodyRate) => {
    const upstream = createUpstream({ url: 'http://127.0.0.1:1' })
    expect(() => forward(upstream, { minBodyRate })).toThrow(/^minBodyRate /)
  })
})

describe('D2: what needed no privilege, or no credentials, brings no body upstream', () => {
  test.each([
    // says                             line                      user     headers                            body
    ['HEAD',                            'HEAD /tasks',            'eve',   'Content-Length: 5\r\n',           'x'],
    ['HEAD, in chunks',                 'HEAD /tasks',            'eve',   'Transfer-Encoding: chunked\r\n',  '1\r\nx\r\n'],
    ['HEAD that asks first',            'HEAD /tasks',            'eve',   'Expect: 100-continue\r\nContent-Length: 5\r\n', ''],
    ['an open endpoint',                'GET /kapacitor/v1/ping', '',      'Content-Length: 5\r\n',           'x'],
    ['an open endpoint, in chunks',     'GET /kapacitor/v1/ping', '',      'Transfer-Encoding: chunked\r\n',  '1\r\nx\r\n'],
    ['an open endpoint, POST',          'POST /kapacitor/v1/ping', '',     'Content-Length: 5\r\n',           'x'],
  ])('%s', async (_says, line, user, headers, body) => {
    const { send, recording, upstream, port } = await start({ maxConnections: 1, maxWaiting: 0 })
    for (let i = 0; i < 3; i++) {
      const client = await send(head(line, user, '192.0.2.1', `Content-Type: a/b\r\n${headers}`) + body)
      expect((await client.answer(line.split(' ')[0])).status).toBe(204)
    }
    expect((await ask(port, get('ann', '192.0.2.2'))).status).toBe(204)
    expect(recording.requests.map((request) => request.body)).toEqual(['', '', '', ''])
    expect(recording.requests[0]?.head).not.toMatch(/Transfer-Encoding|Content-Length: [^0]|Content-Type|Expect/)
    // The connection is whole, and is used again
    expect([recording.connections, upstream.stats.open]).toEqual([1, 1])
  })
})

describe('A5: a share of the connections', () => {
  const MUTE: Answer = ({ target }) => (target === '/mute' ? undefined : NO_CONTENT)
  const mute = (user: string, from: string) => head('GET /mute', user, from)

  test.each([
    // says                                   user of the nth      address of the nth
    ['one user at many addresses',            () => 'eve',         (n: number) => `192.0.2.${n}`],
    ['many users at one address',             (n: number) => `u${n}`, () => '192.0.2.1'],
    ['nobody, at one address',                () => '',            () => '192.0.2.1'],
    ['one user at one address',               () => 'eve',         () => '192.0.2.1'],
    ['one network of IPv6',                   () => '',            (n: number) => `2001:db8::${n}`],
  ])('%s', async (_says, userOf, addressOf) => {
    const { recording, send, port, upstream } = await start({ maxConnections: 8, maxWaiting: 8 }, {}, MUTE)
    for (let n = 0; n < 30; n++) await send(mute(userOf(n), addressOf(n)))
    await until(() => recording.requests.length >= 5 && upstream.stats.waiting >= 5)
    expect((await ask(port, get('ann', '198.51.100.1'))).status).toBe(204)
    expect(recording.requests.filter(({ target }) => target === '/mute')).toHaveLength(5)
    expect(upstream.stats.waiting).toBe(5)
  })

  test('who waits for more than their share gets it when it is free, and not before others', async () => {
    const held: (() => void)[] = []
    const { recording, send, upstream } = await start({ maxConnections: 2, maxWaiting: 10 }, {}, ({ target }, socket) => {
      held.push(() => { socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`) })
      return undefined
    })
    await send(head('GET /eve/1', 'eve', '192.0.2.1'))
    await until(() => held.length === 1)
    await send(head('GET /eve/2', 'eve', '192.0.2.1'))
    await until(() => held.length === 2)
    for (const n of [3, 4]) {
      await send(head(`GET /eve/${n}`, 'eve', '192.0.2.1'))
      await until(() => upstream.stats.waiting === n - 2)
    }
    await send(head('GET /ann', 'ann', '192.0.2.2'))
    await until(() => upstream.stats.waiting === 3)
    held.shift()?.()
    await until(() => recording.requests.length === 3)
    // eve holds one of two: as many as are free
    expect(recording.requests.map(({ target }) => target).slice(2)).toEqual(['/eve/3'])
    held.shift()?.()
    await until(() => recording.requests.length === 4)
    held.shift()?.()
    await until(() => recording.requests.length === 5)
    expect(recording.requests.map(({ target }) => target).slice(3).sort()).toEqual(['/ann', '/eve/4'])
  })

  test('answered requests hold nothing', async () => {
    const { port, upstream } = await start({ maxConnections: 4, maxWaiting: 0 })
    for (let i = 0; i < 12; i++) expect((await ask(port, get('ann', '192.0.2.1'))).status).toBe(204)
    expect(upstream.stats).toEqual({ open: 1, idle: 1, waiting: 0 })
  })

  test('nor do those whose connection breaks, or whose client goes away', async () => {
    const { port, send, upstream, recording } = await start({ maxConnections: 4, maxWaiting: 0 }, {}, ({ target }, socket) => {
      if (target === '/tasks') return NO_CONTENT
      if (target === '/broken') socket.destroy()
      return undefined
    })
    for (let i = 0; i < 6; i++) {
      expect((await ask(port, head('GET /broken', 'ann', '192.0.2.1'))).status).toBe(502)
      const client = await send(mute('ann', '192.0.2.1'))
      await until(() => recording.requests.some((_, at) => at === 2 * i + 1))
      client.close()
      await until(() => upstream.stats.open === 0)
    }
    expect((await ask(port, get('ann', '192.0.2.1'))).status).toBe(204)
  })
})

test('those who wait are served when a connection breaks', async () => {
  const sockets: { destroy(): void }[] = []
  const { recording, send, upstream } = await start({ maxConnections: 1 }, {}, ({ target }, socket) => {
    if (target !== '/mute') return NO_CONTENT
    sockets.push(socket)
    return undefined
  })
  const first = await send(head('POST /mute', 'ann', '192.0.2.1', 'Content-Length: 0\r\n'))
  await until(() => sockets.length === 1)
  const second = await send(get('bob', '192.0.2.2'))
  await until(() => upstream.stats.waiting === 1)
  sockets[0]?.destroy()
  expect((await first.answer('POST')).status).toBe(502)
  expect((await second.answer()).status).toBe(204)
  expect(recording.connections).toBe(2)
})
