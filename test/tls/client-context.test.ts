import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClientContext } from '../../src/tls/client-context.js'
import { type Certificates, type KeyPair, makeCertificates } from '../support/certificates.js'

const directory = mkdtempSync(join(tmpdir(), 'client-context-'))
const at = (name: string) => join(directory, name)
const servers: Server[] = []
let all: Certificates
beforeAll(async () => {
  all = await makeCertificates()
  writeFileSync(at('ca.pem'), all.ca)
  writeFileSync(at('other.pem'), all.otherCa)
  mkdirSync(at('dir'))
  writeFileSync(at('dir/0123.0'), all.ca)
})
afterAll(() => {
  for (const server of servers) server.close()
  rmSync(directory, { recursive: true })
})

async function portOf(identity: KeyPair): Promise<number> {
  const server = createServer({ ...identity }, (socket) => socket.on('error', () => {}).end())
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** `trusted`, or why not. */
async function verify(identity: KeyPair, ca: string | undefined, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const port = await portOf(identity)
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', secureContext: createClientContext({ ca }, env), rejectUnauthorized: true })
    socket.once('secureConnect', () => resolve('trusted'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    socket.once('close', () => socket.destroy())
    socket.resume()
  })
}

const UNTRUSTED = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'

describe('C3: what is in a CA file is trusted, as in Go', () => {
  test.each<[string, () => KeyPair, () => string, string]>([
    // says                                          server                        CA file                    expected
    ['the root that signed it',                      () => all.server,             () => all.ca,              'trusted'],
    ['the very certificate',                         () => all.server,             () => all.server.cert,     'trusted'],
    ['the CA that issued it, not the root',          () => all.intermediateServer, () => all.intermediate,    'trusted'],
    ['root and intermediate',                        () => all.intermediateServer, () => all.ca + all.intermediate, 'trusted'],
    ['the root, but the intermediate is not shown',  () => all.intermediateServer, () => all.ca,              UNTRUSTED],
    ["another's intermediate",                       () => all.server,             () => all.intermediate,    UNTRUSTED],
    ["another's very certificate",                   () => all.server,             () => all.wrongName.cert,  UNTRUSTED],
    ['another root',                                 () => all.server,             () => all.otherCa,         UNTRUSTED],
    ['the very certificate, but for another name',   () => all.wrongName,          () => all.wrongName.cert,  'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['the very certificate, but out of date',        () => all.expired,            () => all.expired.cert,    'CERT_HAS_EXPIRED'],
  ])('%s', async (_says, server, ca, expected) => {
    expect(await verify(server(), ca())).toBe(expected)
  })
})

describe("B5: without a CA file the system's CAs count", () => {
  test.each<[string, NodeJS.ProcessEnv, string]>([
    // says                                   environment                                                        expected
    ['as SSL_CERT_FILE names them',           { SSL_CERT_FILE: at('ca.pem') },                                   'trusted'],
    ['as SSL_CERT_DIR names them',            { SSL_CERT_FILE: at('none'), SSL_CERT_DIR: `${at('none')}:${at('dir')}` }, 'trusted'],
    ['both together',                         { SSL_CERT_FILE: at('other.pem'), SSL_CERT_DIR: at('dir') },       'trusted'],
    ['with those of NODE_EXTRA_CA_CERTS',     { SSL_CERT_FILE: at('other.pem'), NODE_EXTRA_CA_CERTS: at('ca.pem') }, 'trusted'],
    ['other ones are not enough',             { SSL_CERT_FILE: at('other.pem') },                                UNTRUSTED],
    ["nor are the distribution's",            {},                                                                UNTRUSTED],
  ])('%s', async (_says, env, expected) => {
    expect(await verify(all.server, undefined, env)).toBe(expected)
  })

  test('a CA file is all that counts', async () => {
    expect(await verify(all.server, all.otherCa, { SSL_CERT_FILE: at('ca.pem') })).toBe(UNTRUSTED)
  })
})

test('TLS 1.1 is not spoken', async () => {
  const server = createServer({ ...all.server, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const code = await new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', secureContext: createClientContext({ ca: all.ca }) })
    socket.once('secureConnect', () => resolve('connected')).once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
  expect(code).toMatch(/^ERR_SSL|ECONNRESET/)
})
