import type { Server as HttpServer, RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { createMetaClient, type MetaClient, type MetaClientOptions } from '../../src/meta-client/client.js'
import type { MetaClientEvent } from '../../src/meta-client/wire/event.js'
import { freePort } from '../support/free-ports.js'
import { keptTime } from '../support/kept-time.js'
import { startServer } from '../support/servers.js'
import { until } from '../support/until.js'
import { oneTry } from './one-try.js'
import { rejection } from './rejection.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function clientOf(ports: readonly number[], options: Partial<MetaClientOptions> = {}) {
  const events: MetaClientEvent[] = []
  const addresses = ports.map((port) => `127.0.0.1:${port}`)
  const client = createMetaClient({ addresses, log: (event) => events.push(event), ...options })
  cleanups.push(() => client.close())
  return { client, events }
}

/** An HTTP server, and how many connections it has seen. */
async function serve(handle: RequestListener) {
  const { port, server, close } = await startServer(handle)
  const seen = { connections: 0 }
  server.on('connection', () => seen.connections++)
  cleanups.push(close)
  return { port, server, seen }
}

/** A server below HTTP. */
async function serveRaw(handle: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    socket.once('data', () => handle(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

/** A port on which nobody listens. */
const deadPort = freePort

const json = (res: ServerResponse, body: unknown) => res.end(JSON.stringify(body))
/** Long enough for what fails by itself; short for what never ends. */
const limits = (code: string) => oneTry(code === 'ETIMEDOUT' ? 50 : undefined)

describe('connections', () => {
  test('are kept', async () => {
    const headers: unknown[] = []
    const { port, seen } = await serve((req, res) => {
      headers.push(req.headers.connection)
      json(res, {})
    })
    const { client } = clientOf([port])
    for (let i = 0; i < 5; i++) await client.roles()
    expect(seen.connections).toBe(1)
    expect(headers).toEqual(Array(5).fill('keep-alive'))
  })

  test('are bounded, however many ask', async () => {
    const waiting: ServerResponse[] = []
    const { port, seen } = await serve((_req, res) => { waiting.push(res) })
    const { client } = clientOf([port])
    const questions = Array.from({ length: 100 }, () => client.roles())
    await until(() => waiting.length === 32)
    const answering = setInterval(() => { for (const res of waiting.splice(0)) json(res, {}) }, 1)
    cleanups.push(() => clearInterval(answering))
    expect(await Promise.all(questions)).toHaveLength(100)
    expect(seen.connections).toBe(32)
  })

  const openAt = (server: HttpServer) => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))
  const CLOSED = { code: 'ERR_META_UNAVAILABLE', status: 503, cause: new Error('meta client is closed') }

  test('are gone after close, and so is what was under way', async () => {
    const { port, server, seen } = await serve((req, res) => { if (req.url === '/role') json(res, {}) })
    const { client, events } = clientOf([port, await deadPort()])
    await Promise.all(Array.from({ length: 5 }, () => client.roles()))
    const under = [client.user('ann'), client.user('bob'), client.authorized('ann', 'pw')].map(rejection)
    await sleep(20)
    client.close()
    expect(await Promise.all(under)).toMatchObject([CLOSED, CLOSED, CLOSED])
    await until(async () => (await openAt(server)) === 0)
    expect(seen.connections).toBe(5)
    expect(events).toEqual([])
  })

  test('are not made after close for those that waited for one', async () => {
    const { port, server, seen } = await serve(() => undefined)
    const { client } = clientOf([port], { timeout: 1e6, attemptTimeout: 1e6 })
    const under = Array.from({ length: 40 }, () => rejection(client.roles()))
    await until(() => seen.connections === 32)
    client.close()
    expect(await Promise.all(under)).toMatchObject(Array(40).fill(CLOSED))
    await until(async () => (await openAt(server)) === 0)
    await sleep(50)
    expect(await openAt(server)).toBe(0)
    expect(seen.connections).toBeLessThanOrEqual(33) // Node's agent may begin one before it sees that nobody wants it
  })

  test('a try that was given up holds no connection', async () => {
    const { port, server } = await serve(() => undefined)
    const { client } = clientOf([port], oneTry(50))
    await rejection(client.roles())
    await until(async () => (await openAt(server)) === 0)
  })

  test('no timer is left behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const { port } = await serve((_req, res) => { json(res, {}) })
    const dead = await deadPort()
    const before = timers()
    const { client } = clientOf([port, dead], { timeout: 100_000, attemptTimeout: 50_000 })
    const { client: other } = clientOf([dead], { timeout: 100_000, attemptTimeout: 50_000 })
    await client.roles()
    const pausing = rejection(other.roles())
    await sleep(20)
    client.close()
    other.close()
    await pausing
    expect(timers()).toBeLessThanOrEqual(before)
  })
})

describe('an answer that is too large', () => {
  const max = 1000
  const fitting = `{"roles":[]${' '.repeat(max - 12)}}`

  test.each<[string, string, boolean, boolean]>([
    // says                            body            length told  accepted
    ['just fits',                      fitting,        true,        true],
    ['just fits, in chunks',           fitting,        false,       true],
    ['one byte more',                  `${fitting} `,  true,        false],
    ['one byte more, in chunks',       `${fitting} `,  false,       false],
  ])('%s', async (_says, body, told, accepted) => {
    const { port } = await serve((_req, res) => {
      if (told) res.setHeader('content-length', Buffer.byteLength(body))
      res.write(body)
      res.end()
    })
    const { client, events } = clientOf([port], { maxAnswerBytes: max })
    const error = await rejection(client.roles())
    if (accepted) return expect(error).toBeUndefined()
    expect(error).toMatchObject({ code: 'ERR_META_INVALID', status: 503 })
    expect(events).toMatchObject([{ event: 'answer-refused', reason: 'answer too large' }])
  })

  test('is not waited for when its length says so', async () => {
    const { port } = await serve((_req, res) => { res.writeHead(200, { 'content-length': 1e12 }).write('{') })
    const { client } = clientOf([port], { timeout: 60_000, attemptTimeout: 60_000 })
    expect(await rejection(client.roles())).toMatchObject({ code: 'ERR_META_INVALID' })
  })

  test('is cut off when it has no end', async () => {
    let sent = 0
    const { port } = await serve((_req, res) => {
      const more = () => {
        while (!res.destroyed && res.write(' '.repeat(65_536))) sent += 65_536
      }
      res.on('drain', more)
      more()
    })
    const { client } = clientOf([port], { timeout: 60_000, attemptTimeout: 60_000, maxAnswerBytes: 1_000_000 })
    expect(await rejection(client.roles())).toMatchObject({ code: 'ERR_META_INVALID' })
    expect(sent).toBeLessThan(100_000_000)
  })

  test('16 MiB is the default', async () => {
    const { port } = await serve((req, res) => { res.writeHead(200, { 'content-length': 16 * 2 ** 20 + (req.url === '/role' ? 1 : 0) }).end(`{}${' '.repeat(16 * 2 ** 20 - 2)}`) })
    const { client } = clientOf([port])
    expect(await client.user('ann')).toBeUndefined()
    expect(await rejection(client.roles())).toMatchObject({ code: 'ERR_META_INVALID' })
  })
})

describe('a node that cannot be understood or waited for is unavailable', () => {
  const OK = 'HTTP/1.1 200 OK\r\n'
  test.each<[string, (socket: Socket) => void, string]>([
    // says                       what it does                                                               code
    ['says nothing',              () => undefined,                                                           'ETIMEDOUT'],
    ['begins headers',            (s) => s.write(`${OK}Content-`),                                           'ETIMEDOUT'],
    ['begins a body',             (s) => s.write(`${OK}Content-Length: 2\r\n\r\n{`),                         'ETIMEDOUT'],
    ['begins a chunk',            (s) => s.write(`${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n{`),           'ETIMEDOUT'],
    ['drips',                     (s) => { s.write(`${OK}Content-Length: 9999\r\n\r\n`); drip(s) },          'ETIMEDOUT'],
    ['drips headers',             (s) => { s.write(OK); drip(s, 'a: b\r\n') },                               'ETIMEDOUT'],
    ['hangs up',                  (s) => s.end(),                                                            'ECONNRESET'],
    ['hangs up in headers',       (s) => s.end(`${OK}Content-`),                                             'ECONNRESET'],
    ['hangs up in the body',      (s) => s.end(`${OK}Content-Length: 9\r\n\r\n{}`),                          'ECONNRESET'],
    ['hangs up in a chunk',       (s) => s.end(`${OK}Transfer-Encoding: chunked\r\n\r\n9\r\n{}`),            'ECONNRESET'],
    ['resets',                    (s) => s.resetAndDestroy(),                                                'ECONNRESET'],
    ['speaks something else',     (s) => s.end('+OK ready\r\n'),                                             'HPE_INVALID_CONSTANT'],
    ['speaks SSH',                (s) => s.end('SSH-2.0-OpenSSH_9.2\r\n'),                                   'HPE_INVALID_CONSTANT'],
    ['has endless headers',       (s) => s.end(`${OK}X: ${'x'.repeat(100_000)}\r\n\r\n`),                    'HPE_HEADER_OVERFLOW'],
    ['tells two lengths',         (s) => s.end(`${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`),     'HPE_UNEXPECTED_CONTENT_LENGTH'],
  ])('%s', async (_says, handle, code) => {
    const { client, events } = clientOf([await serveRaw(handle)], limits(code))
    expect(await rejection(client.user('ann'))).toMatchObject({ code: 'ERR_META_UNAVAILABLE', status: 503, message: 'meta node unavailable' })
    expect(events).toEqual([{ event: 'attempt-failed', node: expect.any(String), path: '/user', code }])
  })

  function drip(socket: Socket, text = ' '): void {
    const timer = setInterval(() => socket.write(text), 5)
    socket.on('close', () => clearInterval(timer))
  }

  test('nobody listens', async () => {
    const { client, events } = clientOf([await deadPort()], oneTry())
    expect(await rejection(client.user('ann'))).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
    expect(events).toMatchObject([{ code: 'ECONNREFUSED' }])
  })

  test('the name is unknown', async () => {
    const { client } = clientOf([], { ...oneTry(), addresses: ['meta.invalid:8091'] })
    expect(await rejection(client.user('ann'))).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
  })

  test.each([500, 501, 502, 503, 504, 599])('%i', async (status) => {
    const { port } = await serve((_req, res) => { res.writeHead(status); json(res, { error: 'user not found' }) })
    const { client, events } = clientOf([port], oneTry())
    expect(await rejection(client.user('ann'))).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
    expect(events).toMatchObject([{ code: `HTTP ${status}` }])
  })
})

describe('several nodes', () => {
  async function good() {
    const asked = { count: 0 }
    const { port } = await serve((_req, res) => {
      asked.count++
      json(res, { users: [{ name: 'ann', hash: '' }] })
    })
    return { port, asked }
  }
  const found = (client: MetaClient) => client.user('ann').then((user) => user?.name)

  test('a dead one, a slow one and a broken one, then a good one, which comes first from then on', () => keptTime(200, async (limit) => {
    let slow = 0
    let broken = 0
    const silent = await serve(() => { slow++ })
    const failing = await serve((_req, res) => { broken++; res.writeHead(500).end() })
    const { port, asked } = await good()
    const { client, events } = clientOf([await deadPort(), silent.port, failing.port, port], { timeout: 20_000, attemptTimeout: limit })
    expect(await found(client)).toBe('ann')
    expect(await found(client)).toBe('ann')
    expect([slow, broken, asked.count]).toEqual([1, 1, 2])
    expect(events.map((event) => 'code' in event && event.code)).toEqual(['ECONNREFUSED', 'ETIMEDOUT', 'HTTP 500'])
  }))

  test('one that dies is left, one that comes back is found', async () => {
    const a = await good()
    const b = await serve((_req, res) => { json(res, { users: [{ name: 'ann', hash: '' }] }) })
    const { client } = clientOf([b.port, a.port])
    expect(await found(client)).toBe('ann')
    expect(a.asked.count).toBe(0)
    b.server.closeAllConnections()
    await new Promise((resolve) => b.server.close(resolve))
    expect(await found(client)).toBe('ann')
    expect(await found(client)).toBe('ann')
    expect(a.asked.count).toBe(2)
  })

  test('they may redirect to each other', async () => {
    const leader = await good()
    const follower = await serve((req, res) => { res.writeHead(307, { location: `http://127.0.0.1:${leader.port}${req.url}` }).end() })
    const { client } = clientOf([follower.port, leader.port])
    expect(await found(client)).toBe('ann')
    expect(leader.asked.count).toBe(1)
  })

  test('one answer with nonsense is not asked about elsewhere', async () => {
    const { port, asked } = await good()
    const html = await serve((_req, res) => { res.end('<html>') })
    const { client } = clientOf([html.port, port])
    expect(await rejection(found(client))).toMatchObject({ code: 'ERR_META_INVALID' })
    expect(asked.count).toBe(0)
  })
})
