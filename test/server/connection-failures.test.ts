import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Listening, type ListenOptions, listen } from '../../src/server/listen.js'
import { rawClient } from '../gateway/raw-client.js'
import { transpiled } from '../registry/transpiled.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'
import { until } from '../support/until.js'

const SRC = transpiled()
const directory = mkdtempSync(join(tmpdir(), 'connection-failures-'))
const at = (name: string) => join(directory, name)
let all: Certificates
beforeAll(async () => {
  all = await makeCertificates()
  writeFileSync(at('cert.pem'), all.server.cert)
  writeFileSync(at('key.pem'), all.server.key, { mode: 0o600 })
  writeFileSync(at('ca.pem'), all.ca)
  writeFileSync(at('intermediate.pem'), all.intermediate)
  writeFileSync(at('pinned.pem'), all.otherClient.cert)
})
afterAll(() => rmSync(directory, { recursive: true }))

let lines: object[] = []
let failures: string[] = []
const open: Listening[] = []
beforeEach(() => {
  lines = []
  failures = []
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close(0)))
})

const log = { info() {}, error() {}, warn: (fields: object, message: string) => void lines.push({ ...fields, message }) }

async function start(clientCa: string, clientCertificateOptional = false, more: Partial<ListenOptions> = {}): Promise<number> {
  const tls = { certificate: at('cert.pem'), key: at('key.pem'), clientCa: clientCa && at(clientCa), clientCertificateOptional }
  const listening = await listen((_req, res) => void res.end('fine'), {
    address: '127.0.0.1:0', option: '[http] bind-address', tls, watch: false, log, onConnectionFailure: (failure) => void failures.push(failure), ...more,
  })
  open.push(listening)
  return Number(new URL(listening.url).port)
}

const GET = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

/** All that comes until the connection ends. */
async function received(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (data) => { text += data }).on('error', () => {})
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return text
}

const overTls = (options: ConnectionOptions) => (port: number) => {
  const socket = connect({ port, host: '127.0.0.1', ca: all.ca, ...options })
  socket.write(GET)
  return socket
}
const plain = (bytes: string | Buffer) => (port: number) => {
  const socket = connectTcp(port, '127.0.0.1')
  socket.write(bytes)
  return socket
}

describe('B4: a handshake that fails is one line with address and reason, and is counted', () => {
  const CERTIFICATE = 'client certificate refused'
  const HANDSHAKE = 'TLS handshake failed'
  test.each<[string, (port: number) => Socket, boolean, string, string, string]>([
    // says                          client                                                       optional failure              message      reason
    ['no certificate, TLS 1.2',      (p) => overTls({ maxVersion: 'TLSv1.2' })(p),                 false, 'client_certificate', CERTIFICATE, 'none was sent'],
    ['no certificate, TLS 1.3',      (p) => overTls({})(p),                                        false, 'client_certificate', CERTIFICATE, 'none was sent'],
    ["another CA's, TLS 1.2", (p) => overTls({ ...all.otherClient, maxVersion: 'TLSv1.2' })(p), false, 'client_certificate', CERTIFICATE, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ["another CA's, TLS 1.3", (p) => overTls({ ...all.otherClient })(p),                           false, 'client_certificate', CERTIFICATE, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ["another CA's, optional", (p) => overTls({ ...all.otherClient })(p),                          true,  'client_certificate', CERTIFICATE, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ['out of date',                  (p) => overTls({ ...all.expired })(p),                        true,  'client_certificate', CERTIFICATE, 'CERT_HAS_EXPIRED'],
    ['an old TLS',                   (p) => overTls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })(p), false, 'handshake', HANDSHAKE, 'ERR_SSL_UNSUPPORTED_PROTOCOL'],
    ['noise',                        plain(Buffer.from('\x00\x01\x02\x03noise')),                  false, 'handshake',          HANDSHAKE,   'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['half a hello',                 (p) => { const s = plain(Buffer.from([22, 3, 1, 0, 200, 1]))(p); setTimeout(() => s.destroy(), 100); return s }, false, 'handshake', HANDSHAKE, 'the client closed the connection'],
  ])('%s', async (_says, client, optional, failure, message, reason) => {
    const port = await start('ca.pem', optional)
    expect(await received(client(port))).toBe('')
    await until(() => lines.length > 0)
    expect(failures).toEqual([failure])
    expect(lines).toEqual([{ client: '127.0.0.1', reason, message }])
  })

  test.each([
    // says                 bytes
    ['a request',           GET],
    ['a long one',          `POST / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(10_000)}\r\nContent-Length: 5\r\n\r\nhello`],
  ])('plain HTTP: %s is answered with 400, as by Go', async (_says, bytes) => {
    const client = await rawClient(await start(''))
    client.send(bytes)
    const answer = await client.answer()
    expect([answer.status, answer.headers.connection]).toEqual([400, 'close'])
    expect(JSON.parse(answer.body)).toEqual({ error: 'Client sent an HTTP request to an HTTPS server.' })
    await client.ended()
    expect(failures).toEqual(['plain_http'])
    expect(lines).toEqual([{ client: '127.0.0.1', message: 'plain HTTP on the HTTPS port, answered with 400' }])
  })

  test('many of one kind are one line, but all are counted', async () => {
    const port = await start('ca.pem')
    for (let i = 0; i < 20; i++) await received(overTls({})(port))
    expect(failures).toHaveLength(20)
    expect(lines).toHaveLength(1)
  })

  test.each<[string, (port: number) => Socket]>([
    ['a health check that opens and closes a connection', (port) => { const socket = connectTcp(port, '127.0.0.1', () => socket.end()); return socket }],
    ['a client that is served',                           (port) => overTls({ ...all.client })(port)],
  ])('nothing is said of %s', async (_says, client) => {
    const port = await start('ca.pem')
    await received(client(port))
    expect(await received(overTls({ ...all.client })(port))).toContain('200 OK')
    expect([failures, lines]).toEqual([[], []])
  })
})

describe('C3: client certificates are verified as Go does it', () => {
  test.each<[string, string, () => ConnectionOptions, boolean]>([
    // says                                            https-client-ca     certificate                  served
    ['the root that signed it',                        'ca.pem',           () => all.client,            true],
    ['the CA that issued it, not the root',            'intermediate.pem', () => all.intermediateClient, true],
    ['the very certificate',                           'pinned.pem',       () => all.otherClient,       true],
    ['the root, and the intermediate is not shown',    'ca.pem',           () => all.intermediateClient, false],
    ['another certificate of the same CA',             'intermediate.pem', () => all.client,            false],
    ['another than the very certificate',              'pinned.pem',       () => all.client,            false],
  ])('%s', async (_says, ca, certificate, served) => {
    for (const optional of [false, true]) {
      const port = await start(ca, optional)
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        expect((await received(overTls({ ...certificate(), maxVersion })(port))).includes('200 OK')).toBe(served)
      }
      await open.at(-1)?.reloadTls()
      expect((await received(overTls(certificate())(port))).includes('200 OK')).toBe(served)
    }
  })
})

test('B4: running out of file descriptors is one line, and the server goes on afterwards', async () => {
  const program = `
    import { listen } from ${JSON.stringify(join(SRC, 'server/listen.js'))}
    import { watchDescriptors } from ${JSON.stringify(join(SRC, 'server/watch-descriptors.js'))}
    import { openSync, closeSync } from 'node:fs'
    let told = 0
    const stop = watchDescriptors((code) => { if (told++ === 0) process.send(code) }, 20)
    const server = await listen((req, res) => res.end('fine'), { address: '127.0.0.1:0', option: '[http] bind-address' })
    process.on('message', (message) => {
      if (message === 'fill') {
        globalThis.held = []
        try { for (;;) held.push(openSync('/dev/null')) } catch { process.send('full') }
      } else { for (const fd of held) closeSync(fd); stop(); process.send('free') }
    })
    process.send(server.url)`
  const child = spawn('bash', ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const messages: string[] = []
  let wake = () => {}
  child.on('message', (message) => { messages.push(String(message)); wake() })
  const next = async () => {
    while (messages.length === 0) await new Promise<void>((resolve) => { wake = resolve })
    return messages.shift() as string
  }
  try {
    const url = await next()
    child.send('fill')
    expect([await next(), await next()].sort()).toEqual(['EMFILE', 'full'])
    child.send('free')
    expect(await next()).toBe('free')
    expect(await (await fetch(url)).text()).toBe('fine')
  } finally {
    child.kill('SIGKILL')
  }
})

test.runIf(process.platform === 'linux')('A6: the system asks whether a silent client is still there', async () => {
  for (const tls of [false, true]) {
    const port = await start('', false, { ...(tls ? {} : { tls: undefined }), limits: { keepAliveProbeDelay: 30_000 } })
    const socket = tls ? connect({ port, host: '127.0.0.1', ca: all.ca }) : connectTcp(port, '127.0.0.1')
    await once(socket, tls ? 'secureConnect' : 'connect')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    let timer = timerOf(port)
    while (timer?.startsWith('01')) { // what was sent is not acknowledged yet
      await new Promise((resolve) => setTimeout(resolve, 10))
      timer = timerOf(port)
    }
    expect(timer).toMatch(/^02:/)
    socket.destroy()
  }
})

/** The timer of the established connection to that port, of the server's side: 00 is none, 01 retransmission, 02 keep-alive. */
function timerOf(port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const row = readFileSync('/proc/net/tcp', 'utf8').split('\n').find((line) => new RegExp(`^ *\\d+: 0100007F:${hex} \\S+ 01 `).test(line))
  return row?.split(/ +/).find((field) => /^0[0-4]:/.test(field))
}
