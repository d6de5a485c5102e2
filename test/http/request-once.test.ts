import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { type RequestOnceOptions, requestOnce } from '../../src/http/request-once.js'
import { createClientContext } from '../../src/tls/client-context.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { startServer } from '../support/servers.js'

let pem: Certificates
beforeAll(async () => { pem = await makeCertificates() })
beforeEach(() => {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) vi.stubEnv(name, undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
})

const trust = () => createClientContext({ ca: pem.ca })
const ask = (url: string, options: Partial<RequestOnceOptions> = {}) => requestOnce(url, {
  headers: { accept: 'application/json' }, trust: trust(), proxyTrust: trust(), mayUseProxy: true, mostBytes: 1_000, timeout: 5_000,
  signal: new AbortController().signal, ...options,
}).then(({ status, body }) => `${status} ${body}`, (error: { code?: unknown }) => error.code)

/** A server, and the promise that its first connection has ended. */
async function listen(server: Server) {
  const ended = new Promise<void>((resolve) => {
    server.once('connection', (socket: Socket) => socket.on('error', () => {}).on('end', resolve).on('close', () => resolve()).resume())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, ended }
}

test.each<[string, 'http' | 'https', () => Server]>([
  // says                                       scheme    what takes connections, and says nothing
  ['a proxy that accepts',                      'http',  () => createTcp()],
  ['a proxy over TLS that accepts',             'https', () => createTcp()],
  ['one that goes on to CONNECT',               'http',  () => createHttp().on('connect', (_, socket) => void socket.resume())],
  ['one over TLS that goes on to CONNECT',      'https', () => createTls(pem.server, (socket) => socket.on('error', () => {}).resume())],
])('no answer: %s: it ends in time, and so does the connection', async (_says, scheme, create) => {
  const { port, ended } = await listen(create())
  vi.stubEnv('HTTPS_PROXY', `${scheme}://localhost:${port}`)
  expect(await ask('https://idp.example/', { timeout: 200 })).toBe('ETIMEDOUT')
  await ended
})

test.each<[string, 'http' | 'https', (socket: Socket) => void]>([
  // says                                               the URL's   what a proxy does
  ['closes at once',                                    'https',    (socket) => void socket.resume().end()],
  ['closes when it is asked',                           'https',    (socket) => void socket.once('data', () => socket.end())],
  ['closes when it is asked for an HTTP server',        'http',     (socket) => void socket.once('data', () => socket.end())],
  ['answers before it is asked for an HTTP server',     'http',     (socket) => void socket.resume().write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}')],
  ['goes on with more than its answer',                 'http',     (socket) => void socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nmore'))],
])('a proxy that %s is not asked again', async (_says, scheme, act) => {
  let connections = 0
  const { port } = await listen(createTcp((socket) => { connections++; act(socket) }))
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY']) vi.stubEnv(name, `http://localhost:${port}`)
  expect([await ask(`${scheme}://idp.example/`, { timeout: 5_000 }), connections]).toEqual(['ECONNRESET', 1])
})

test.each<[string, (port: number) => string, () => Server]>([
  ['a server that accepts',                     (port) => `http://127.0.0.1:${port}/`,  () => createTcp()],
  ['a server over TLS that accepts',            (port) => `https://127.0.0.1:${port}/`, () => createTcp()],
  ['a server that hears the request',           (port) => `http://127.0.0.1:${port}/`,  () => createHttp(() => {})],
  ['a server that does not end its body',       (port) => `http://127.0.0.1:${port}/`,  () => createHttp((_, response) => void response.write('{'))],
])('no answer: %s: it ends in time, and so does the connection', async (_says, url, create) => {
  const { port, ended } = await listen(create())
  expect(await ask(url(port), { timeout: 200 })).toBe('ETIMEDOUT')
  await ended
})

test.each([
  // says                    when
  ['before the request',     true],
  ['while it waits',         false],
])('its signal ends it: %s', async (_says, isBefore) => {
  const ending = new AbortController()
  const { port } = await listen(createHttp(() => ending.abort()))
  if (isBefore) ending.abort()
  expect(await ask(`http://127.0.0.1:${port}/`, { signal: ending.signal })).toBe('ETIMEDOUT')
})

test('what is sent, and what comes back', async () => {
  const asked: string[] = []
  const server = await startServer(async (request, response) => {
    asked.push(`${request.method} ${await new Response(request as never).text()}`)
    response.writeHead(request.url === '/gone' ? 404 : 200).end(request.url === '/long' ? 'x'.repeat(1_001) : 'words')
  })
  onTestFinished(() => server.close())
  const only200 = { isRead: (status: number) => status === 200 }
  expect(await Promise.all([
    ask(`${server.url}/`), ask(`${server.url}/`, { body: 'a=b' }), ask(`${server.url}/gone`), ask(`${server.url}/gone`, only200), ask(`${server.url}/long`),
  ])).toEqual(['200 words', '200 words', '404 words', '404 ', 'UND_ERR_RES_EXCEEDED_MAX_SIZE'])
  expect(asked.sort()).toEqual(['GET ', 'GET ', 'GET ', 'GET ', 'POST a=b'])
})

test.each([
  ['no URL',          'nonsense'],
  ['another scheme',  'ftp://127.0.0.1:1'],
])('a proxy that is %s: an error, and nothing goes past it', async (_says, proxy) => {
  const asked: string[] = []
  const server = await startServer((request, response) => { asked.push(request.url as string); response.end('{}') })
  onTestFinished(() => server.close())
  vi.stubEnv('HTTP_PROXY', proxy)
  expect(await ask(server.url)).toEqual(expect.stringMatching(/^(?:ERR_INVALID_URL|UND_ERR_INVALID_ARG)$/))
  expect(asked).toEqual([])
})
