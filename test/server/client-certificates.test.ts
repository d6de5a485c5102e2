import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Listening, listen } from '../../src/server/listen.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'

const directory = mkdtempSync(join(tmpdir(), 'client-certificates-'))
const at = (name: string) => join(directory, name)
const listening: Listening[] = []
const asked: string[] = []
let mine: Certificates

beforeAll(async () => {
  mine = await makeCertificates()
  writeFileSync(at('cert.pem'), mine.server.cert)
  writeFileSync(at('key.pem'), mine.server.key)
  writeFileSync(at('ca.pem'), mine.ca)
})

afterAll(async () => {
  await Promise.all(listening.map((one) => one.close(0)))
  rmSync(directory, { recursive: true })
})

async function start(clientCertificateOptional: boolean): Promise<number> {
  const tls = { certificate: at('cert.pem'), key: at('key.pem'), clientCa: at('ca.pem'), clientCertificateOptional }
  const server = await listen((req, res) => { asked.push(String(req.url)); res.end('fine') }, { address: '127.0.0.1:0', option: '[meta] http-bind-address', tls, watch: false })
  listening.push(server)
  return Number(new URL(server.url).port)
}

/** The status of one answer; `refused` if the connection ends without. */
async function ask(port: number, path: string, client: ConnectionOptions): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ca: mine.ca, ...client })
  let received = ''
  socket.setEncoding('latin1').on('data', (text) => { received += text }).on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  await new Promise((resolve) => socket.once('close', resolve))
  return /^HTTP\/1.1 (\d+)/.exec(received)?.[1] ?? 'refused'
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('over %s', (version) => {
  test.each([
    // says                                     certificate          optional  required
    ['one that the CA signed',                  () => mine.client,       '200',     '200'],
    ['none',                                    () => ({}),              '200',     'refused'],
    ["another CA's",                            () => mine.otherClient,  'refused', 'refused'],
    ['one that is out of date',                 () => mine.expired,      'refused', 'refused'],
  ])('a client that shows %s', async (_says, certificate, optional, required) => {
    const client = { ...certificate(), minVersion: version, maxVersion: version }
    expect(await ask(await start(true), '/optional', client)).toBe(optional)
    expect(await ask(await start(false), '/required', client)).toBe(required)
    expect(asked.includes('/optional')).toBe(optional === '200')
    expect(asked.includes('/required')).toBe(required === '200')
    asked.length = 0
  })
})
