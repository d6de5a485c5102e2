import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen } from '../../src/server/listen.js'
import { readTlsFiles } from '../../src/tls/server-tls-files.js'
import { makeCertificates } from '../support/certificates.js'

const directory = mkdtempSync(join(tmpdir(), 'tls-files-'))
const at = (name: string) => (name === '' ? '' : join(directory, name))
afterAll(() => rmSync(directory, { recursive: true }))

beforeAll(async () => {
  const { server, otherServer, expired, ca } = await makeCertificates()
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const files: Record<string, string> = {
    cert: server.cert,
    key: server.key,
    'open-key': server.key,
    'open-both': `${server.key}\n${server.cert}`,
    both: `${server.key}\n${server.cert}`,
    chain: `${server.cert}${ca}`,
    'other-key': otherServer.key,
    'expired-cert': expired.cert,
    'expired-key': expired.key,
    'locked-key': privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
    ca,
    cas: `${ca}\n${ca}`,
    noise: 'nothing of the kind, s3cret',
    empty: '',
    half: server.cert.slice(0, 200),
    'half-ca': `${ca}\n${ca.slice(0, 100)}`,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text, { mode: name.startsWith('open') ? 0o644 : 0o600 })
})

const read = (certificate: string, key: string, clientCa = '', now?: Date) =>
  readTlsFiles({ certificate: at(certificate), key: at(key), clientCa: at(clientCa) }, '[http]', now)

const CERT = 'https-certificate'
const KEY = 'https-private-key'
const CA = 'https-client-ca'
const NO_CERT = 'is not a certificate in PEM'
const NO_KEY = 'is not a private key in PEM without a passphrase'

describe('what cannot be used is named: option, file, reason', () => {
  test.each<[string, string, string, [option: string, file: string, reason: string][]]>([
    // certificate  key           client CA    problems
    ['cert',        'key',        '',          []],
    ['both',        '',           '',          []],
    ['both',        'both',       '',          []],
    ['chain',       'key',        'cas',       []],
    ['expired-cert', 'expired-key', '',        []],
    ['none',        'key',        '',          [[CERT, 'none', 'cannot be read: ENOENT']]],
    ['none',        '',           '',          [[CERT, 'none', 'cannot be read: ENOENT']]],
    ['noise',       '',           '',          [[CERT, 'noise', NO_CERT]]],
    ['empty',       'key',        '',          [[CERT, 'empty', NO_CERT]]],
    ['half',        'key',        '',          [[CERT, 'half', NO_CERT]]],
    ['key',         'key',        '',          [[CERT, 'key', NO_CERT]]],
    ['cert',        '',           '',          [[KEY, 'cert', NO_KEY]]],
    ['cert',        'noise',      '',          [[KEY, 'noise', NO_KEY]]],
    ['cert',        'locked-key', '',          [[KEY, 'locked-key', NO_KEY]]],
    ['cert',        'other-key',  '',          [[KEY, 'other-key', 'does not belong to [http] https-certificate']]],
    ['cert',        'key',        'none',      [[CA, 'none', 'cannot be read: ENOENT']]],
    ['cert',        'key',        'noise',     [[CA, 'noise', NO_CERT]]],
    ['cert',        'key',        'half-ca',   [[CA, 'half-ca', NO_CERT]]],
    ['none',        'noise',      'empty',     [[CERT, 'none', 'cannot be read: ENOENT'], [KEY, 'noise', NO_KEY], [CA, 'empty', NO_CERT]]],
  ])('%s, %s, %s', async (certificate, key, clientCa, problems) => {
    const content = await read(certificate, key, clientCa)
    expect(content.problems).toEqual(problems.map(([option, file, reason]) => expect.stringContaining(`[http] ${option} (${at(file)}) ${reason}`)))
    expect(content.context?.minVersion).toBe(problems.length > 0 ? undefined : 'TLSv1.2')
    expect(content.problems.join()).not.toContain('s3cret')
  })
})

describe('dates, and keys that others may read, are accepted, but said', () => {
  const past = new Date('2001-01-01')
  test.each([
    ['in time',                 'cert',         'key',         '',     undefined,  []],
    ['a key for everybody',     'cert',         'open-key',    '',     undefined,  [/https-private-key \(.*open-key\): every user of this machine may read it$/]],
    ['with the certificate',    'open-both',    '',            '',     undefined,  [/https-private-key \(.*open-both\): every user of this machine may read it$/]],
    ['expired',                 'expired-cert', 'expired-key', '',     undefined,  [/https-certificate \(.*expired-cert\) has expired: /]],
    ['not valid yet',           'cert',         'key',         'ca',   past,       [/https-certificate .* is not valid before /, /https-client-ca .* is not valid before /]],
  ])('%s', async (_says, certificate, key, ca, now, warnings) => {
    const content = await read(certificate, key, ca, now)
    expect(content.warnings).toEqual(warnings.map((warning) => expect.stringMatching(warning)))
    expect(content.context).toBeDefined()
  })
})

test('the fingerprint tells one content from another', async () => {
  const all = await Promise.all([read('cert', 'key'), read('cert', 'other-key'), read('cert', 'none'), read('cert', 'key', 'ca')])
  expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(4)
  expect((await read('cert', 'key')).fingerprint).toBe(all[0]?.fingerprint)
})

test('listen says all of it at once, a line each, and does not listen', async () => {
  const tls = { certificate: at('none'), key: at('noise'), clientCa: at('empty') }
  const failure = listen(() => {}, { address: '127.0.0.1:0', option: '[meta] http-bind-address', tls })
  await expect(failure).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
  const { message } = await failure.catch((error: Error) => error) as Error
  expect(message.split('\n')).toEqual([
    expect.stringContaining('[meta] https-certificate'),
    expect.stringContaining('[meta] https-private-key'),
    expect.stringContaining('[meta] https-client-ca'),
  ])
})
