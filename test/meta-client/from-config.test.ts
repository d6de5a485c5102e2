import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AuthError } from '../../src/errors.js'
import { createMetaClient } from '../../src/meta-client/client.js'
import { type MetaClientConfig, metaClientOptions } from '../../src/meta-client/from-config.js'
import { type Certificates, makeCertificates } from '../support/certificates.js'

let pem: Certificates
let dir: string
beforeAll(async () => {
  pem = await makeCertificates()
  dir = mkdtempSync(join(tmpdir(), 'meta-client-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

let files = 0
const file = (text: string) => {
  const path = join(dir, `${files++}.pem`)
  writeFileSync(path, text)
  return path
}
const secret = (text: string) => ({ reveal: () => text })

const AUTH: MetaClientConfig = {
  metaAddr: ['meta:8091'],
  metaUsername: '',
  metaUseTls: false,
  metaCa: '',
  metaCert: '',
  metaKey: '',
  metaInsecureSkipVerify: false,
  metaTimeout: 5000,
  metaAttemptTimeout: 2000,
}

test('what is not set is left out', () => {
  expect(metaClientOptions(AUTH)).toEqual({ addresses: ['meta:8091'], timeout: 5000, attemptTimeout: 2000 })
})

test('without an address it is the meta node of this machine', () => {
  expect(metaClientOptions({ ...AUTH, metaAddr: [] }).addresses).toEqual(['127.0.0.1:8091'])
})

test.each<[string, Partial<MetaClientConfig>, unknown]>([
  // says                          configuration                                                                      credentials
  ['a user',                       { metaUsername: 'gate', metaPassword: secret('pw') },                              { kind: 'basic', username: 'gate', password: 'pw' }],
  ['a user without password',      { metaUsername: 'gate' },                                                          { kind: 'basic', username: 'gate', password: '' }],
  ['a node',                       { metaInternalSharedSecret: secret('among nodes') },                               { kind: 'node', secret: 'among nodes' }],
  ['a node rather than a user',    { metaInternalSharedSecret: secret('among nodes'), metaUsername: 'gate' },         { kind: 'node', secret: 'among nodes' }],
  ['nobody',                       {},                                                                                undefined],
  ['a secret that is empty',       { metaInternalSharedSecret: secret('') },                                          undefined],
  ['a password without a user',    { metaPassword: secret('pw') },                                                    undefined],
])('credentials: %s', (_says, auth, credentials) => {
  expect(metaClientOptions({ ...AUTH, ...auth }).credentials).toEqual(credentials)
})

test('a user with a colon in the name is refused', () => {
  expect(() => metaClientOptions({ ...AUTH, metaUsername: 'a:b' })).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }))
})

describe('TLS', () => {
  const options = (auth: Partial<MetaClientConfig>) => metaClientOptions({ ...AUTH, metaUseTls: true, ...auth })

  test.each<[string, () => Partial<MetaClientConfig>, () => unknown]>([
    // says                  configuration                                                                      tls
    ['by itself',            () => ({}),                                                                         () => ({ insecureSkipVerify: false })],
    ['a CA',                 () => ({ metaCa: file(pem.ca) }),                                                   () => ({ insecureSkipVerify: false, ca: pem.ca })],
    ['two CAs',              () => ({ metaCa: file(`# old\n${pem.ca}\n# new\n${pem.otherCa}\n`) }),                () => ({ insecureSkipVerify: false, ca: expect.any(String) })],
    ['everything',           () => ({ metaCa: file(pem.ca), metaCert: file(pem.client.cert), metaKey: file(pem.client.key), metaInsecureSkipVerify: true }),
      () => ({ insecureSkipVerify: true, ca: pem.ca, ...pem.client })],
    ['a certificate chain',  () => ({ metaCert: file(`${pem.client.cert}\n${pem.ca}`), metaKey: file(pem.client.key) }), () => ({ insecureSkipVerify: false, cert: expect.any(String), key: pem.client.key })],
    ['an expired one',       () => ({ metaCert: file(pem.expired.cert), metaKey: file(pem.expired.key) }),       () => ({ insecureSkipVerify: false, ...pem.expired })],
  ])('%s', (_says, auth, tls) => {
    const found = options(auth())
    expect(found.tls).toEqual(tls())
    createMetaClient(found).close()
  })

  test('no file is read while it is off', () => {
    expect(metaClientOptions({ ...AUTH, metaCa: '/nowhere' }).tls).toBeUndefined()
  })

  const encrypted = () => generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } }).privateKey
  const client = () => ({ metaCert: file(pem.client.cert), metaKey: file(pem.client.key) })

  test.each<[string, () => Partial<MetaClientConfig>, string]>([
    // says                            configuration                                                        message, after the path
    ['no CA file',                     () => ({ metaCa: join(dir, 'missing') }),                             '[auth] meta-ca: PATH does not exist'],
    ['a directory for a CA',           () => ({ metaCa: dir }),                                              '[auth] meta-ca: PATH cannot be read (EISDIR)'],
    ['a path through a file',          () => ({ metaCa: join(file(''), 'x') }),                              '[auth] meta-ca: PATH cannot be read (ENOTDIR)'],
    ['an empty CA',                    () => ({ metaCa: file('') }),                                         '[auth] meta-ca: PATH is not a certificate in PEM'],
    ['a CA that is no PEM',            () => ({ metaCa: file('hello') }),                                    '[auth] meta-ca: PATH is not a certificate in PEM'],
    ['a CA that is cut off',           () => ({ metaCa: file(pem.ca.slice(0, -30)) }),                       '[auth] meta-ca: PATH is not a certificate in PEM'],
    ['no certificate file',            () => ({ ...client(), metaCert: join(dir, 'missing') }),              '[auth] meta-cert: PATH does not exist'],
    ['a key for a certificate',        () => ({ ...client(), metaCert: file(pem.client.key) }),              '[auth] meta-cert: PATH is not a certificate in PEM'],
    ['no key file',                    () => ({ ...client(), metaKey: join(dir, 'missing') }),               '[auth] meta-key: PATH does not exist'],
    ['a certificate for a key',        () => ({ ...client(), metaKey: file(pem.client.cert) }),              '[auth] meta-key: PATH is not a private key in PEM without a passphrase'],
    ['a key with a passphrase',        () => ({ ...client(), metaKey: file(encrypted()) }),                  '[auth] meta-key: PATH is not a private key in PEM without a passphrase'],
    ["another certificate's key",      () => ({ ...client(), metaKey: file(pem.server.key) }),               '[auth] meta-key: PATH does not fit the certificate'],
    ['a certificate without a key',    () => ({ metaCert: file(pem.client.cert) }),                          '[auth] meta-key: is missing'],
    ['a key without a certificate',    () => ({ metaKey: file(pem.client.key) }),                            '[auth] meta-cert: is missing'],
  ])('refused: %s', (_says, make, message) => {
    const auth = make()
    let error: AuthError | undefined
    try {
      options(auth)
    } catch (thrown) {
      error = thrown as AuthError
    }
    const named = /meta-(ca|cert|key)/.exec(message)?.[1]
    const path = { ca: auth.metaCa, cert: auth.metaCert, key: auth.metaKey }[named as 'ca' | 'cert' | 'key']
    expect(error).toBeInstanceOf(AuthError)
    expect(error?.code).toBe('ERR_CONFIG_INVALID')
    expect(error?.message).toBe(message.replace('PATH', path ?? ''))
    expect(error?.cause).toBeUndefined()
  })
})
