import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createUpstream } from '../../src/gateway/connections/upstream.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { NO_CONTENT, type RecordingUpstreamOptions, startRecordingUpstream } from '../support/recording-upstream.js'
import { ANN, startGateway, type TestGatewayOptions } from './gateway.js'
import { ask } from './raw-client.js'

let pem: Certificates
beforeAll(async () => {
  pem = await makeCertificates()
})

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(options: RecordingUpstreamOptions, gatewayOptions: TestGatewayOptions = {}, url?: string) {
  const upstream = await startRecordingUpstream(options)
  const gateway = await startGateway(url ?? upstream.url, gatewayOptions)
  closing.push(upstream.close, gateway.close)
  return { upstream, gateway, get: () => ask(gateway.port, `GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`) }
}

describe('HTTPS', () => {
  test('an upstream with a certificate of its own CA, by address and by name', async () => {
    const { upstream, get } = await start({ tls: pem.server }, { upstream: { ca: pem.ca } })
    expect((await get()).status).toBe(204)
    const named = await startGateway(`https://localhost:${upstream.port}`, { upstream: { ca: pem.ca } })
    closing.push(named.close)
    expect((await ask(named.port, `GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`)).status).toBe(204)
    expect(upstream.requests.map(({ headers }) => headers[0])).toEqual([
      ['Host', `127.0.0.1:${upstream.port}`], ['Host', `localhost:${upstream.port}`],
    ])
  })

  test('one connection serves many requests, the next resumes its session', async () => {
    const sessions: boolean[] = []
    const { upstream, get } = await start(
      { tls: pem.server, answer: (_, socket) => { sessions.push((socket as TLSSocket).isSessionReused()); return `${NO_CONTENT.trimEnd()}\r\nConnection: close\r\n\r\n` } },
      { upstream: { ca: pem.ca } },
    )
    for (let i = 0; i < 3; i++) expect((await get()).status).toBe(204)
    expect(upstream.connections).toBe(3)
    expect(sessions[0]).toBe(false)
    expect(sessions[2]).toBe(true)
  })

  test('a certificate of the gateway’s own, for an upstream that asks for one', async () => {
    const { get } = await start(
      { tls: { ...pem.server, ca: pem.ca, requestCert: true, rejectUnauthorized: true } },
      { upstream: { ca: pem.ca, ...pem.client } },
    )
    expect((await get()).status).toBe(204)
  })

  test.each<[string, (pem: Certificates) => { server: object; client: object }]>([
    ['of a CA that is not known',           ({ server }) => ({ server, client: {} })],
    ['of another CA',                       ({ otherServer, ca }) => ({ server: otherServer, client: { ca } })],
    ['out of date',                         ({ expired, ca }) => ({ server: expired, client: { ca } })],
    ['for another name',                    ({ wrongName, ca }) => ({ server: wrongName, client: { ca } })],
    ['but none shown to it that it wants',  ({ server, ca }) => ({ server: { ...server, ca, requestCert: true, rejectUnauthorized: true }, client: { ca } })],
    ['but another’s shown to it',           ({ server, ca, otherClient }) => ({ server: { ...server, ca, requestCert: true, rejectUnauthorized: true }, client: { ca, ...otherClient } })],
    ['of TLS 1.1',                          ({ server, ca }) => ({ server: { ...server, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, client: { ca } })],
  ])('an upstream is 502 with a certificate %s', async (_says, make) => {
    const { server, client } = make(pem)
    const { upstream, gateway, get } = await start({ tls: server }, { upstream: client })
    expect(await get()).toMatchObject({ status: 502, body: '{"error":"upstream unavailable"}' })
    expect(upstream.requests).toEqual([])
    expect(gateway.warnings).toHaveLength(1)
  })

  test('any certificate does where verification is off', async () => {
    for (const server of [pem.otherServer, pem.expired, pem.wrongName]) {
      const { get } = await start({ tls: server }, { upstream: { insecureSkipVerify: true } })
      expect((await get()).status).toBe(204)
    }
  })

  test('plain HTTP is not fallen back to', async () => {
    const upstream = await startRecordingUpstream()
    const gateway = await startGateway(upstream.url.replace('http:', 'https:'), { upstream: { ca: pem.ca, connectTimeout: 50 } })
    closing.push(upstream.close, gateway.close)
    expect((await ask(gateway.port, `GET /tasks HTTP/1.1\r\nHost: me\r\n${ANN}\r\n`)).status).toBe(504)
    expect(upstream.requests).toEqual([])
  })
})

test('a client of HTTPS is told of as one; an answer that breaks off breaks its connection off', async () => {
  const upstream = await startRecordingUpstream({ answer: ({ target }, socket) => {
    if (target === '/tasks') return NO_CONTENT
    setImmediate(() => socket.destroy())
    return 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'
  } })
  const gateway = await startGateway(upstream.url, { tls: pem.server })
  closing.push(upstream.close, gateway.close)
  const get = (path: string) => new Promise<string | undefined>((resolve) => {
    const [, authorization = ''] = ANN.trim().split(': ')
    httpsRequest({ port: gateway.port, host: '127.0.0.1', path, ca: pem.ca, headers: { authorization }, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve('whole')).on('error', () => resolve('cut off'))
    }).on('error', () => resolve('cut off')).end()
  })
  expect(await get('/tasks')).toBe('whole')
  expect(upstream.requests[0]?.headers).toContainEqual(['X-Forwarded-Proto', 'https'])
  expect(await get('/broken')).toBe('cut off')
})

test('a Unix socket', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-'))
  closing.push(() => rm(directory, { recursive: true }))
  const { upstream, get } = await start({ path: join(directory, 'kapacitor.sock') })
  for (let i = 0; i < 3; i++) expect((await get()).status).toBe(204)
  expect(upstream.connections).toBe(1)
  expect(upstream.requests[0]?.headers[0]).toEqual(['Host', 'localhost'])
  await upstream.close()
  expect((await get()).status).toBe(502)
  closing.splice(1, 1)
})

describe('refused when built', () => {
  test.each<[string, object, RegExp]>([
    ['a URL with a path',             { url: 'http://127.0.0.1:1/x' },                           /^url /],
    ['no time to connect',            { connectTimeout: 0 },                                     /^connectTimeout /],
    ['negative time',                 { responseTimeout: -1 },                                   /^responseTimeout /],
    ['time that is none',             { idleTimeout: Number.NaN },                               /^idleTimeout /],
    ['more time than a timer has',    { idleTimeout: 2 ** 31 },                                  /^idleTimeout /],
    ['time for ever',                 { keepAlive: Infinity },                                   /^keepAlive /],
    ['no connections',                { maxConnections: 0 },                                     /^maxConnections /],
    ['negative numbers',              { maxWaiting: -1 },                                        /^maxWaiting /],
    ['a CA that is none',             { url: 'https://127.0.0.1', ca: 'x' },                     /^ca /],
    ['a certificate without key',     { url: 'https://127.0.0.1', cert: 'x' },                   /^key /],
    ['a key without certificate',     { url: 'https://127.0.0.1', key: 'x' },                    /^cert /],
  ])('%s', (_says, options, message) => {
    expect(() => createUpstream({ url: 'http://127.0.0.1:1', ...options })).toThrow(TypeError)
    expect(() => createUpstream({ url: 'http://127.0.0.1:1', ...options })).toThrow(message)
  })

  test('a key of another certificate', () => {
    const options = { url: 'https://127.0.0.1', cert: pem.client.cert, key: pem.otherClient.key }
    expect(() => createUpstream(options)).toThrow(/^key /)
  })
})

test('none is connected to before the first request', async () => {
  const { upstream } = await start({})
  expect(upstream.connections).toBe(0)
})
