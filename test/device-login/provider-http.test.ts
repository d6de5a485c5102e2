import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp, type Server } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createProviderHttp } from '../../src/device-login/provider/provider-http.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { startServer } from '../support/servers.js'

const directory = mkdtempSync(join(tmpdir(), 'provider-http-'))
const file = (name: string, text: string) => {
  writeFileSync(join(directory, name), text)
  return join(directory, name)
}
let certificates: Certificates
beforeAll(async () => { certificates = await makeCertificates() })
afterAll(() => rmSync(directory, { recursive: true }))
const cleanups: (() => unknown)[] = []
const before = { ...process.env }
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
  process.env = { ...before }
})

const post = async (url: string, options: Parameters<typeof createProviderHttp>[0] = {}) => {
  const http = createProviderHttp({ timeout: 5_000, ...options })
  try {
    return await http.post(url, new URLSearchParams({ secret: 'hunter2' }))
  } finally {
    http.close()
  }
}

const listen = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
const tls = (pair: { cert: string; key: string }) => listen(createServer(pair, (_request, response) => void response.end('{"ok":true}')))

test.each<[string, () => Promise<string>, () => string | undefined, object]>([
  // says                                  server                                                                              ca                                             outcome
  ['an authority of the profile',          async () => `https://127.0.0.1:${await tls(certificates.server)}/`,                 () => file('ca', certificates.ca),             { status: 200, body: '{"ok":true}' }],
  ['an authority that nobody trusts',      async () => `https://127.0.0.1:${await tls(certificates.server)}/`,                 () => undefined,                               { failure: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/) }],
  ['another authority of the profile',     async () => `https://127.0.0.1:${await tls(certificates.server)}/`,                 () => file('other', certificates.otherCa),     { failure: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/) }],
  ['another name',                         async () => `https://127.0.0.1:${await tls(certificates.wrongName)}/`,              () => file('ca', certificates.ca),             { failure: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
  ['a certificate that has expired',       async () => `https://127.0.0.1:${await tls(certificates.expired)}/`,                () => file('ca', certificates.ca),             { failure: 'CERT_HAS_EXPIRED' }],
])('TLS: %s', async (_says, start, ca, outcome) => {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  expect(await post(await start(), { ca: ca() })).toMatchObject(outcome)
})

test.each([
  ['not there',  () => join(directory, 'none'),       /^ca in \[profile\.tls\]: \S+ cannot be read: there is no such file$/],
  ['no PEM',     () => file('nonsense', 'nonsense'),  /^ca in \[profile\.tls\]: \S+ is not a certificate in PEM$/],
])('an authority that is %s', async (_says, ca, error) => {
  expect(() => createProviderHttp({ ca: ca() })).toThrow(error)
})

test('a redirect is not followed: the secret goes nowhere else', async () => {
  let asked = 0
  const elsewhere = await startServer((_request, response) => { asked++; response.end('{}') })
  const server = await startServer((_request, response) => response.writeHead(307, { Location: elsewhere.url }).end())
  cleanups.push(() => elsewhere.close(), () => server.close())
  expect(await post(server.url)).toMatchObject({ status: 307 })
  expect(asked).toBe(0)
})

test('a body without an end is cut off', async () => {
  const server = await startServer((_request, response) => {
    const more = () => { while (response.write('x'.repeat(16_384))); }
    response.on('drain', more).on('error', () => {})
    more()
  })
  cleanups.push(() => server.close())
  expect(await post(server.url)).toEqual({ failure: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' })
})

test('a provider that says nothing is waited for no longer than the time that was given', async () => {
  const server = await startServer(() => {})
  cleanups.push(() => server.close())
  expect(await post(server.url, { timeout: 50 })).toEqual({ failure: 'ETIMEDOUT' })
})

test.each([
  ['through the proxy of the environment', {},                         true],
  ['not where NO_PROXY names the host',    { NO_PROXY: '127.0.0.1' },  false],
])('%s', async (_says, env, isProxied) => {
  const target = await tls(certificates.server)
  let tunnels = 0
  const proxy = createHttp().on('connect', (request, socket) => {
    tunnels++
    const [host, port] = (request.url as string).split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
    cleanups.push(() => upstream.destroy())
  })
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'NO_PROXY']) delete process.env[name]
  Object.assign(process.env, { HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}`, ...env })
  expect(await post(`https://127.0.0.1:${target}/`, { ca: file('ca', certificates.ca) })).toMatchObject({ status: 200 })
  expect(tunnels > 0).toBe(isProxied)
})
