import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadClientTls, readClientTls } from '../../src/tls/client-tls-files.js'
import { makeCertificates } from '../support/certificates.js'

const directory = mkdtempSync(join(tmpdir(), 'client-tls-files-'))
const at = (name: string) => (name === '' ? '' : join(directory, name))
afterAll(() => rmSync(directory, { recursive: true }))

beforeAll(async () => {
  const { ca, client, expired, otherClient } = await makeCertificates()
  const files = { ca, cert: client.cert, key: client.key, 'other-key': otherClient.key, 'open-key': client.key, 'expired-cert': expired.cert, 'expired-key': expired.key, noise: 'nothing of the kind, s3cret' }
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text, { mode: name.startsWith('open') ? 0o644 : 0o600 })
})

const NO_CERT = 'is not a certificate in PEM'
const NO_KEY = 'is not a private key in PEM without a passphrase'

test.each<[string, string, string, [option: string, says: string][]]>([
  // CA     certificate  key          problems
  ['',      '',          '',          []],
  ['ca',    'cert',      'key',       []],
  ['none',  'none',      'none',      [['ca', 'does not exist'], ['cert', 'does not exist'], ['key', 'does not exist']]],
  ['noise', 'noise',     'noise',     [['ca', NO_CERT], ['cert', NO_CERT], ['key', NO_KEY]]],
  ['ca',    'cert',      'none',      [['key', 'does not exist']]],
  ['ca',    'none',      'noise',     [['cert', 'does not exist'], ['key', NO_KEY]]],
  ['.',     'cert',      'other-key', [['ca', 'cannot be read (EISDIR)'], ['key', 'does not fit the certificate']]],
  ['',      'noise',     '',          [['key', 'is missing'], ['cert', NO_CERT]]],
])('%j, %j, %j: all mistakes at once', (ca, cert, key, expected) => {
  const paths = { ca: at(ca), cert: at(cert), key: at(key) }
  const { problems } = readClientTls('[auth] meta-', paths)
  const path = (option: string) => (paths[option as 'ca'] === '' ? '' : `${paths[option as 'ca']} `)
  expect(problems).toEqual(expected.map(([option, says]) => `[auth] meta-${option}: ${path(option)}${says}`))
  expect(problems.join()).not.toContain('s3cret')
  if (problems.length > 0) {
    expect(() => loadClientTls('[auth] meta-', paths)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID', message: problems.join('\n') }))
  } else {
    expect(loadClientTls('[auth] meta-', paths)).toEqual(readClientTls('[auth] meta-', paths).tls)
  }
})

const past = new Date('2001-01-01')
test.each<[string, string, string, Date | undefined, RegExp[]]>([
  // CA  certificate     key            now        warnings
  ['ca', 'cert',         'key',         undefined, []],
  ['ca', 'cert',         'open-key',    undefined, [/^\[auth\] meta-key: .*open-key: every user of this machine may read it$/]],
  ['',   'expired-cert', 'expired-key', undefined, [/^\[auth\] meta-cert: .*expired-cert has expired: .* GMT$/]],
  ['ca', 'cert',         'key',         past,      [/^\[auth\] meta-ca: .*ca is not valid before /, /^\[auth\] meta-cert: .*cert is not valid before /]],
])('%j, %j, %j: usable, with a warning', (ca, cert, key, now, warnings) => {
  const content = readClientTls('[auth] meta-', { ca: at(ca), cert: at(cert), key: at(key) }, now)
  expect(content.problems).toEqual([])
  expect(content.warnings).toEqual(warnings.map((warning) => expect.stringMatching(warning)))
})
