import { createServer, type Server } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fetchJson } from '../../../src/token/provider/key-set/fetch-json.js'
import { providerSettings } from '../../../src/token/provider/provider-settings.js'
import { type Certificates, type KeyPair, makeCertificates } from '../../support/certificates.js'
import { startServer } from '../../support/servers.js'

let pem: Certificates
beforeAll(async () => { pem = await makeCertificates() })

beforeEach(() => {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) vi.stubEnv(name, undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
})

const startTls = async (pair: KeyPair) => {
  const seen: string[] = []
  const server: Server = createServer(pair, (request, response) => {
    seen.push(`${request.headers.host} ${request.headers.connection}`)
    response.end('{"keys":[]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, seen }
}

/** A proxy that leads every name to that port. */
const startProxy = async (port: number) => {
  const asked: string[] = []
  const proxy = await startServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(502).end()
  })
  proxy.server.on('connect', (request, socket, head) => {
    asked.push(`CONNECT ${request.url}`)
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    const end = () => { socket.destroy(); upstream.destroy() }
    upstream.on('error', end)
    socket.on('error', end)
  })
  onTestFinished(() => proxy.close())
  return { url: proxy.url, asked }
}

const get = async (url: string, ca?: string | string[], timeout = 5000) => {
  const { trust } = providerSettings({ issuer: 'https://idp.example', ca })
  try {
    return await fetchJson(url, { trust, timeout, signal: new AbortController().signal })
  } catch (error) {
    return (error as Error).message
  }
}

test.each<[string, (pem: Certificates) => KeyPair, (pem: Certificates) => string | string[] | undefined, unknown]>([
  // says                           server                      ca                            outcome
  ['its CA is ours',                (p) => p.server,             (p) => p.ca,                  { keys: [] }],
  ['among several',                 (p) => p.server,             (p) => [p.otherCa, p.ca],     { keys: [] }],
  ['beside what cannot be read',    (p) => p.server,             (p) => `-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n${p.ca}`, { keys: [] }],
  ['its very certificate',          (p) => p.server,             (p) => p.server.cert,         { keys: [] }],
  ['an intermediate CA',            (p) => p.intermediateServer, (p) => p.intermediate,        { keys: [] }],
  ['another CA',                    (p) => p.server,             (p) => p.otherCa,             /cannot be reached: .*(?:certificate|issuer)/],
  ['no CA of our own',              (p) => p.server,             () => undefined,              /cannot be reached: .*(?:certificate|issuer)/],
  ['out of date',                   (p) => p.expired,            (p) => p.ca,                  /cannot be reached: certificate has expired/],
  ['for another name',              (p) => p.wrongName,          (p) => p.ca,                  /cannot be reached: .*altnames/],
])('the keys of a server over TLS: %s', async (_says, pair, ca, expected) => {
  const { port, seen } = await startTls(pair(pem))
  const answer = await get(`https://127.0.0.1:${port}/keys`, ca(pem))
  if (typeof answer === 'string') expect(answer).toMatch(expected as RegExp)
  else expect([answer, seen]).toEqual([expected, [`127.0.0.1:${port} close`]])
})

test('through the proxy that the environment names, to the name that the certificate has', async () => {
  const { port, seen } = await startTls(pem.wrongName)
  const proxy = await startProxy(port)
  vi.stubEnv('HTTPS_PROXY', proxy.url)
  expect(await get('https://elsewhere.invalid/keys', pem.ca)).toEqual({ keys: [] })
  expect(proxy.asked).toEqual(['CONNECT elsewhere.invalid:443'])
  expect(seen).toHaveLength(1)
  // The proxy cannot put itself in between
  expect(await get('https://idp.example/keys', pem.ca)).toMatch(/cannot be reached: .*altnames/)
  expect(await get('https://elsewhere.invalid/keys', pem.otherCa)).toMatch(/cannot be reached: .*(?:certificate|issuer)/)
  expect(seen).toHaveLength(1)
})

test.each<[string, (pem: Certificates) => KeyPair, (pem: Certificates) => string | undefined]>([
  // says                           server                      ca
  ['another CA',                    (p) => p.server,             (p) => p.otherCa],
  ['no CA of our own',              (p) => p.server,             () => undefined],
  ['out of date',                   (p) => p.expired,            (p) => p.ca],
  ['for another name',              (p) => p.wrongName,          (p) => p.ca],
])('NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing, directly and through a proxy: %s', async (_says, pair, ca) => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  const { port, seen } = await startTls(pair(pem))
  const proxy = await startProxy(port)
  expect(await get(`https://127.0.0.1:${port}/keys`, ca(pem))).toMatch(/cannot be reached/)
  vi.stubEnv('HTTPS_PROXY', proxy.url)
  expect(await get('https://idp.example/keys', ca(pem))).toMatch(/cannot be reached/)
  expect([proxy.asked, seen]).toEqual([['CONNECT idp.example:443'], []])
})

test('NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing: a proxy over TLS that nobody vouches for', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  const { port, seen } = await startTls(pem.server)
  vi.stubEnv('HTTPS_PROXY', `https://localhost:${port}`)
  expect(await get('https://idp.example/keys', pem.ca)).toMatch(/cannot be reached: .*(?:certificate|issuer)/)
  expect(seen).toEqual([])
})

test.each([
  // says                  NO_PROXY
  ['a name',               'elsewhere.invalid'],
  ['a domain',             '.invalid'],
  ['everything',           '*'],
])('not through it where NO_PROXY has %s', async (_says, names) => {
  const { port } = await startTls(pem.wrongName)
  const proxy = await startProxy(port)
  vi.stubEnv('HTTPS_PROXY', proxy.url)
  vi.stubEnv('NO_PROXY', names)
  expect(await get('https://elsewhere.invalid/keys', pem.ca)).toMatch(/cannot be reached/)
  expect(proxy.asked).toEqual([])
})

test('never through it to this machine itself', async () => {
  const { port } = await startTls(pem.server)
  const plain = await startServer((_request, response) => response.end('{"keys":[1]}'))
  onTestFinished(() => plain.close())
  const proxy = await startProxy(port)
  vi.stubEnv('HTTPS_PROXY', proxy.url)
  vi.stubEnv('HTTP_PROXY', proxy.url)
  expect(await get(`https://localhost:${port}/keys`, pem.ca)).toEqual({ keys: [] })
  expect(await get(`${plain.url}/keys`)).toEqual({ keys: [1] })
  expect(proxy.asked).toEqual([])
})

test.each([
  ['a proxy that is no URL',    'nonsense://'],
  ['a proxy that is away',      'http://127.0.0.1:1'],
])('%s is a failure like others', async (_says, url) => {
  vi.stubEnv('HTTPS_PROXY', url)
  expect(await get('https://elsewhere.invalid/keys', pem.ca)).toMatch(/cannot be reached/)
})

test('a query is not told to others', async () => {
  expect(await get('https://127.0.0.1:1/keys?secret=x')).toMatch(/^"https:\/\/127.0.0.1:1\/keys" cannot be reached/)
})
