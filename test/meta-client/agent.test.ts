import { createServer, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import tls, { type SecureVersion } from 'node:tls'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createMetaClient, type MetaClientOptions } from '../../src/meta-client/client.js'
import type { MetaClientEvent } from '../../src/meta-client/wire/event.js'
import type { MetaTlsOptions } from '../../src/meta-client/wire/options.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { startServer } from '../support/servers.js'
import { oneTry } from './one-try.js'
import { rejection } from './rejection.js'

let pem: Certificates
beforeAll(async () => { pem = await makeCertificates() })

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A meta node with TLS, and what reached it. */
async function serve(options: ServerOptions) {
  const seen = { requests: 0, connections: 0 }
  const server: Server = createServer(options, (_req, res) => {
    seen.requests++
    res.end('{}')
  })
  server.on('connection', () => seen.connections++).on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, seen }
}

/** One question; the events are what the operator reads. */
async function ask(address: string, tls: MetaTlsOptions | undefined, options: Partial<MetaClientOptions> = {}) {
  const events: MetaClientEvent[] = []
  const client = createMetaClient({ addresses: [address], ...(tls && { tls }), ...oneTry(), log: (event) => events.push(event), ...options })
  cleanups.push(() => client.close())
  return { error: await rejection(client.roles()), client, events }
}

const UNTRUSTED = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'

describe('the meta node is verified', () => {
  test.each<[string, () => ServerOptions, () => MetaTlsOptions, string | undefined]>([
    // says                               the meta node's                                    ours                                    refused with
    ['its CA',                            () => pem.server,                                  () => ({ ca: pem.ca }),                 undefined],
    ['its CA among others',               () => pem.server,                                  () => ({ ca: pem.otherCa + pem.ca }),   undefined],
    ['its CA on the next line',           () => pem.server,                                  () => ({ ca: `${pem.otherCa}\n${pem.ca}\n` }), undefined],
    ['C3: its very certificate',          () => pem.server,                                  () => ({ ca: pem.server.cert }),        undefined],
    ['C3: the CA that issued it, not the root', () => pem.intermediateServer,                () => ({ ca: pem.intermediate }),       undefined],
    ['C3: the root, with the chain incomplete', () => pem.intermediateServer,                () => ({ ca: pem.ca }),                 UNTRUSTED],
    ['another CA',                        () => pem.server,                                  () => ({ ca: pem.otherCa }),            UNTRUSTED],
    ["the system's CAs",                  () => pem.server,                                  () => ({}),                             UNTRUSTED],
    ['a certificate of another CA',       () => pem.otherServer,                             () => ({ ca: pem.ca }),                 UNTRUSTED],
    ['an expired certificate',            () => pem.expired,                                 () => ({ ca: pem.ca }),                 'CERT_HAS_EXPIRED'],
    ['a certificate for another name',    () => pem.wrongName,                               () => ({ ca: pem.ca }),                 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ["a client's certificate",            () => pem.client,                                  () => ({ ca: pem.ca }),                 'INVALID_PURPOSE'],
  ])('%s', async (_says, server, tls, code) => {
    const { port, seen } = await serve(server())
    const { error, events } = await ask(`127.0.0.1:${port}`, tls())
    if (code === undefined) return expect(error).toBeUndefined()
    expect(error).toMatchObject({ code: 'ERR_META_UNAVAILABLE', status: 503 })
    expect(events).toMatchObject([{ event: 'attempt-failed', code }])
    expect(seen.requests).toBe(0)
  })

  test.each<[SecureVersion, string | undefined]>([
    // version    refused with
    ['TLSv1.3',   undefined],
    ['TLSv1.2',   undefined],
    ['TLSv1.1',   'EPROTO'],
    ['TLSv1',     'EPROTO'],
  ])('%s, even where the process allows all versions and ciphers', async (version, code) => {
    const { DEFAULT_CIPHERS, DEFAULT_MIN_VERSION } = tls
    Object.assign(tls, { DEFAULT_CIPHERS: 'DEFAULT@SECLEVEL=0', DEFAULT_MIN_VERSION: 'TLSv1' })
    cleanups.push(() => Object.assign(tls, { DEFAULT_CIPHERS, DEFAULT_MIN_VERSION }))
    const { port, seen } = await serve({ ...pem.server, minVersion: 'TLSv1', maxVersion: version })
    const { error, events } = await ask(`127.0.0.1:${port}`, { ca: pem.ca })
    if (code === undefined) return expect(error).toBeUndefined()
    expect(events).toMatchObject([{ event: 'attempt-failed', code }])
    expect(seen.requests).toBe(0)
  })

  test('by name, too', async () => {
    const { port } = await serve(pem.server)
    expect((await ask(`localhost:${port}`, { ca: pem.ca })).error).toBeUndefined()
  })

  test('whatever the environment says', async () => {
    const { port, seen } = await serve(pem.otherServer)
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined) // Node does, and should
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    cleanups.push(() => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      warned.mockRestore()
    })
    expect((await ask(`127.0.0.1:${port}`, { ca: pem.ca })).error).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
    expect((await ask(`127.0.0.1:${port}`, { ca: pem.ca, insecureSkipVerify: false })).error).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
    expect(seen.requests).toBe(0)
  })

  test.each<[string, () => ServerOptions]>([
    ['another CA',   () => pem.otherServer],
    ['expired',      () => pem.expired],
    ['another name', () => pem.wrongName],
  ])('unless that is switched off, which the operator is told once: %s', async (_says, server) => {
    const { port } = await serve(server())
    const { error, client, events } = await ask(`127.0.0.1:${port}`, { ca: pem.ca, insecureSkipVerify: true })
    await client.roles()
    expect(error).toBeUndefined()
    expect(events).toEqual([{ event: 'certificate-unchecked' }])
  })

  test('https does not become http, nor http https', async () => {
    const { port } = await serve(pem.server)
    const plain = await startServer((_req, res) => { res.end('{}') })
    cleanups.push(plain.close)
    expect((await ask(`127.0.0.1:${port}`, undefined)).error).toMatchObject({ status: 503 })
    expect((await ask(`127.0.0.1:${plain.port}`, { ca: pem.ca, insecureSkipVerify: true })).error).toMatchObject({ status: 503 })
  })

  test('a redirect from https to http is refused', async () => {
    const plain = await startServer((_req, res) => { res.end('{}') })
    cleanups.push(plain.close)
    const server = createServer(pem.server, (req, res) => { res.writeHead(307, { location: `http://127.0.0.1:${(server.address() as AddressInfo).port}${req.url}` }).end() })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => { server.closeAllConnections(); server.close() })
    const { error, events } = await ask(`127.0.0.1:${(server.address() as AddressInfo).port}`, { ca: pem.ca })
    expect(error).toMatchObject({ code: 'ERR_META_INVALID' })
    expect(events).toMatchObject([{ reason: 'redirect to an unlisted node' }])
  })
})

describe('a meta node that asks for a certificate', () => {
  test.each<[string, () => MetaTlsOptions, boolean]>([
    // says                       ours                            accepted
    ["the gateway's",             () => ({ ...pem.client }),       true],
    ['none',                      () => ({}),                      false],
    ['one of another CA',         () => ({ ...pem.otherClient }),  false],
    ["a server's",                () => ({ ...pem.server }),       false],
  ])('is shown %s', async (_says, tls, accepted) => {
    const { port, seen } = await serve({ ...pem.server, ca: pem.ca, requestCert: true, rejectUnauthorized: true })
    const { error } = await ask(`127.0.0.1:${port}`, { ca: pem.ca, ...tls() })
    if (accepted) return expect(error).toBeUndefined()
    expect(error).toMatchObject({ code: 'ERR_META_UNAVAILABLE' })
    expect(seen.requests).toBe(0)
  })
})

test('a connection with TLS is kept, too', async () => {
  const { port, seen } = await serve(pem.server)
  const { client } = await ask(`127.0.0.1:${port}`, { ca: pem.ca })
  for (let i = 0; i < 5; i++) await client.roles()
  expect(seen).toEqual({ requests: 6, connections: 1 })
})

test.each<[string, () => MetaTlsOptions, string]>([
  // says                            tls                                                             message
  ['an empty CA',                    () => ({ ca: '' }),                                             'tls.ca is not a certificate in PEM'],
  ['a CA that is no PEM',            () => ({ ca: 'CA' }),                                           'tls.ca is not a certificate in PEM'],
  ['a CA with nonsense in it',       () => ({ ca: pem.ca.replaceAll('M', '!') }),                    'tls.ca is not a certificate in PEM'],
  ['a CA that is cut off',           () => ({ ca: pem.ca.slice(0, 200) }),                           'tls.ca is not a certificate in PEM'],
  ['a second CA that is broken',     () => ({ ca: `${pem.ca}\n${pem.ca.replace(/.{64}\n/, '')}` }),  'tls.ca is not a certificate in PEM'],
  ['a second CA without an end',     () => ({ ca: `${pem.ca}\n${pem.otherCa.slice(0, -9)}` }),       'tls.ca is not a certificate in PEM'],
  ['a key for a CA',                 () => ({ ca: pem.server.key }),                                 'tls.ca is not a certificate in PEM'],
  ['a certificate without key',      () => ({ cert: pem.client.cert }),                              'tls.key is missing'],
  ['a key without certificate',      () => ({ key: pem.client.key }),                                'tls.cert is missing'],
  ['a certificate that is no PEM',   () => ({ ...pem.client, cert: 'x' }),                           'tls.cert is not a certificate in PEM'],
  ['a key that is no PEM',           () => ({ ...pem.client, key: 'x' }),                            'tls.key is not a private key in PEM without a passphrase'],
  ['an empty key',                   () => ({ ...pem.client, key: '' }),                             'tls.key is not a private key in PEM without a passphrase'],
  ['a certificate for a key',        () => ({ ...pem.client, key: pem.client.cert }),                'tls.key is not a private key in PEM without a passphrase'],
  ["another certificate's key",      () => ({ ...pem.client, key: pem.server.key }),                 'tls.key does not fit the certificate'],
])('refused at once: %s', (_says, tls, message) => {
  expect(() => createMetaClient({ addresses: ['meta:8091'], tls: tls() })).toThrow(new TypeError(message))
})
