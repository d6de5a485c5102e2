import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Listening, type ListenOptions, listen } from '../../src/server/listen.js'
import { type Certificates, type KeyPair, makeCertificates } from '../support/certificates.js'

const PATIENCE = { timeout: 45_000, interval: 20 }
/** So seldom that only `reloadTls` is left. */
const NEVER = false

let one: Certificates
let two: Certificates
beforeAll(async () => {
  one = await makeCertificates()
  two = await makeCertificates()
})

let directory: string
let listening: Listening
let port: number
let said: { level: string; message: string }[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tls-reload-'))
  said = []
})
afterEach(async () => {
  await listening.close(0)
  rmSync(directory, { recursive: true })
})

const at = (...parts: string[]) => join(directory, ...parts)
const say = (level: string) => (_: object, message: string) => void said.push({ level, message })
const log = { info: say('info'), warn: say('warn'), error: say('error') }
const errors = () => said.filter(({ level }) => level === 'error').map(({ message }) => message)

function put({ cert, key }: KeyPair): void {
  writeFileSync(at('cert.pem'), cert)
  writeFileSync(at('key.pem'), key, { mode: 0o600 })
}

async function start(watch: ListenOptions['watch'], clientCa = ''): Promise<void> {
  const tls = { certificate: at('cert.pem'), key: at('key.pem'), clientCa }
  listening = await listen((_req, res) => res.end('fine'), { address: '127.0.0.1:0', option: '[http] bind-address', tls, watch, log })
  port = Number(new URL(listening.url).port)
}

/** A client that looks at the certificate itself: both CAs have the same name, which OpenSSL cannot tell apart. */
const ANY = { rejectUnauthorized: false }

/** A connection, once the handshake is over. */
async function tls(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ...ANY, ...options })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

/** Whose certificate new connections get. */
async function served(): Promise<'one' | 'two' | 'another'> {
  const socket = await tls()
  const pem = `${socket.getPeerX509Certificate()}`.trim()
  socket.destroy()
  if (pem === one.server.cert.trim()) return 'one'
  return pem === two.server.cert.trim() ? 'two' : 'another'
}

async function ask(socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const [data] = await once(socket, 'data')
  return String(data)
}

/** The status line, or that there was none. */
function outcome(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', ...ANY, ...options })
    socket.on('error', () => {})
    socket.on('data', (data) => {
      resolve(String(data).split('\r\n')[0] as string)
      socket.destroy()
    })
    socket.on('close', () => resolve('refused'))
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  })
}

describe('at SIGHUP', () => {
  test('new connections get the new certificate, those that are open live on', async () => {
    put(one.server)
    await start(NEVER)
    const old = await tls()
    expect(await ask(old)).toContain('200 OK')
    put(two.server)
    expect(await served()).toBe('one')
    await listening.reloadTls()
    expect(await served()).toBe('two')
    expect(await ask(old)).toContain('200 OK')
    expect(`${old.getPeerX509Certificate()}`.trim()).toBe(one.server.cert.trim())
    old.destroy()
    // A client that hangs up at once may do so before the server has seen the end of the handshake
    expect(said.filter(({ message }) => message !== 'TLS handshake failed')).toEqual([{ level: 'info', message: 'certificate reloaded' }])
  })

  test.each([
    ['no certificate',              () => writeFileSync(at('cert.pem'), 'noise'),         /^\[http\] https-certificate \(.*cert\.pem\) is not a certificate/],
    ['half a certificate',          () => writeFileSync(at('cert.pem'), two.server.cert.slice(0, 99)), /^\[http\] https-certificate/],
    ['no file',                     () => rmSync(at('cert.pem')),                         /^\[http\] https-certificate \(.*cert\.pem\) cannot be read: ENOENT/],
    ['no key',                      () => writeFileSync(at('key.pem'), ''),               /^\[http\] https-private-key \(.*key\.pem\) is not a private key/],
    ['a certificate without its key', () => writeFileSync(at('cert.pem'), two.server.cert), /^\[http\] https-private-key \(.*key\.pem\) does not belong to/],
  ])('%s: the old one stays, and the operator is told each time', async (_says, breakIt, says) => {
    put(one.server)
    await start(NEVER)
    breakIt()
    await listening.reloadTls()
    await listening.reloadTls()
    expect(await served()).toBe('one')
    expect(errors()).toEqual([expect.stringMatching(says), expect.stringMatching(says)])
    put(two.server)
    await listening.reloadTls()
    expect(await served()).toBe('two')
  })

  test('one that has expired is used, with a warning', async () => {
    put(one.server)
    await start(NEVER)
    put(one.expired)
    await listening.reloadTls()
    expect(said).toContainEqual({ level: 'warn', message: expect.stringContaining('has expired') })
    const socket = await tls()
    expect(`${socket.getPeerX509Certificate()}`.trim()).toBe(one.expired.cert.trim())
    socket.destroy()
  })

  test('without HTTPS there is nothing to do', async () => {
    listening = await listen((_req, res) => res.end(), { address: '127.0.0.1:0', option: '[http] bind-address', log })
    await listening.reloadTls()
    expect(said).toEqual([])
  })
})

describe('when the files change', () => {
  const OFTEN = { interval: 10 }

  test('first the certificate, later its key', async () => {
    put(one.server)
    await start(OFTEN)
    const old = await tls()
    writeFileSync(at('cert.pem'), two.server.cert)
    await vi.waitFor(() => expect(errors()).toHaveLength(1), PATIENCE)
    expect(await served()).toBe('one')
    writeFileSync(at('key.pem'), two.server.key)
    await vi.waitFor(async () => expect(await served()).toBe('two'), PATIENCE)
    expect(errors()).toHaveLength(1)
    expect(await ask(old)).toContain('200 OK')
    old.destroy()
  })

  test('as Kubernetes changes them', async () => {
    for (const [name, { server }] of [['..1', one], ['..2', two]] as const) {
      mkdirSync(at(name))
      writeFileSync(at(name, 'cert.pem'), server.cert)
      writeFileSync(at(name, 'key.pem'), server.key)
    }
    symlinkSync('..1', at('..data'))
    for (const file of ['cert.pem', 'key.pem']) symlinkSync(join('..data', file), at(file))
    await start(OFTEN)
    expect(await served()).toBe('one')
    symlinkSync('..2', at('..tmp'))
    renameSync(at('..tmp'), at('..data'))
    await vi.waitFor(async () => expect(await served()).toBe('two'), PATIENCE)
    expect(errors()).toEqual([])
  })

  test('again and again, while requests go on', async () => {
    put(one.server)
    await start(OFTEN)
    const old = await tls()
    for (let i = 0; i < 6; i++) {
      const [next, name] = i % 2 === 0 ? [two, 'two'] : [one, 'one']
      put(next.server)
      await vi.waitFor(async () => expect(await served()).toBe(name), PATIENCE)
      expect(await ask(old)).toContain('200 OK')
    }
    old.destroy()
  })
})

describe('client certificates', () => {
  const withClient = ({ client }: Certificates, options: ConnectionOptions = {}) => ({ ...client, ...options })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: without the right one there is no answer', async (version) => {
    put(one.server)
    writeFileSync(at('ca.pem'), one.ca)
    await start(NEVER, at('ca.pem'))
    const only = { minVersion: version, maxVersion: version }
    expect(await outcome(only)).toBe('refused')
    expect(await outcome({ ...one.otherClient, ...only })).toBe('refused')
    expect(await outcome(withClient(two, only))).toBe('refused')
    expect(await outcome(withClient(one, only))).toBe('HTTP/1.1 200 OK')
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: the CA is reloaded, and remembered sessions of the old one are worth nothing', async (version) => {
    put(one.server)
    writeFileSync(at('ca.pem'), one.ca)
    await start(NEVER, at('ca.pem'))
    const socket = connect({ port, host: '127.0.0.1', ...ANY, ...one.client, maxVersion: version })
    const remembered = once(socket, 'session')
    await once(socket, 'secureConnect')
    await ask(socket)
    const [session] = await remembered
    expect(await outcome(withClient(one, { session, maxVersion: version }))).toBe('HTTP/1.1 200 OK')
    writeFileSync(at('ca.pem'), two.ca)
    await listening.reloadTls()
    expect(await outcome(withClient(two))).toBe('HTTP/1.1 200 OK')
    expect(await outcome(withClient(one))).toBe('refused')
    expect(await outcome(withClient(one, { session, maxVersion: version }))).toBe('refused')
    expect(await ask(socket)).toContain('200 OK')
    socket.destroy()
  })

  test('a CA file without a certificate keeps the old one', async () => {
    put(one.server)
    writeFileSync(at('ca.pem'), one.ca)
    await start(NEVER, at('ca.pem'))
    writeFileSync(at('ca.pem'), '')
    await listening.reloadTls()
    expect(errors()).toEqual([expect.stringContaining(`[http] https-client-ca (${at('ca.pem')}) is not a certificate`)])
    expect(await outcome({})).toBe('refused')
    expect(await outcome(withClient(one))).toBe('HTTP/1.1 200 OK')
  })
})

describe('TLS', () => {
  test.each([
    // says                 options                                                        expected
    ['1.3',                 { minVersion: 'TLSv1.3' },                                     'TLSv1.3'],
    ['1.2',                 { maxVersion: 'TLSv1.2' },                                     'TLSv1.2'],
    ['1.1',                 { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, 'refused'],
    ['h2 and HTTP/1.1',     { ALPNProtocols: ['h2', 'http/1.1'] },                         'http/1.1'],
    ['h2 alone',            { ALPNProtocols: ['h2'] },                                     'refused'],
  ] as [string, ConnectionOptions, string][])('%s: %j is %s, after a reload, too', async (_says, options, expected) => {
    put(one.server)
    await start(NEVER)
    for (let i = 0; i < 2; i++) {
      const socket = connect({ port, host: '127.0.0.1', ca: one.ca, ...options })
      const got = await new Promise((resolve) => {
        socket.once('secureConnect', () => resolve(options.ALPNProtocols ? socket.alpnProtocol : socket.getProtocol()))
        socket.once('error', () => resolve('refused'))
      })
      expect(got).toBe(expected)
      socket.destroy()
      put(two.server)
      put(one.server)
      await listening.reloadTls()
    }
  })

  test('a handshake that does not come is not waited for', async () => {
    put(one.server)
    listening = await listen((_req, res) => res.end(), {
      address: '127.0.0.1:0', option: '[http] bind-address', watch: NEVER, limits: { headerTimeout: 100 },
      tls: { certificate: at('cert.pem'), key: at('key.pem') },
    })
    const socket = connectTcp(Number(new URL(listening.url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    await once(socket, 'close')
  })
})
