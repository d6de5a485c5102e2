import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { checkFiles } from '../../src/serve/check-files.js'
import { serve } from '../../src/serve/serve.js'
import { makeCertificates } from '../support/certificates.js'
import { start } from '../support/program.js'

const directory = mkdtempSync(join(tmpdir(), 'check-files-'))
const at = (name: string) => join(directory, name)
const silent = { info: () => {}, warn: () => {}, error: () => {} }
afterAll(() => rmSync(directory, { recursive: true }))

beforeAll(async () => {
  const { ca, server, otherServer, expired } = await makeCertificates()
  const files: Record<string, string> = {
    ca,
    cert: server.cert,
    key: server.key,
    'open-key': server.key,
    'other-key': otherServer.key,
    'expired-cert': expired.cert,
    'expired-key': expired.key,
    noise: 'nothing of the kind, s3cret',
    empty: '',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text, { mode: name === 'open-key' ? 0o644 : 0o600 })
  mkdirSync(at('foreign'))
  writeFileSync(at('foreign/data.mdb'), 'no registry'.repeat(1_000))
  writeFileSync(at('foreign/tasks.json'), 'no tasks')
  symlinkSync(at('nowhere/to/be/found'), at('dangling'))
})

type Keys = Record<string, string | boolean>

/** Files by their names in the directory; everything else on free ports, in a directory of its own. */
function configOf(keys: Keys, data: string) {
  const overrides = {
    'http.bind-address': '127.0.0.1:0',
    'meta.http-bind-address': '127.0.0.1:0',
    'admin.bind-address': '127.0.0.1:0',
    'meta.bcrypt-cost': '4',
    'meta.dir': join(data, 'meta'),
    'sample.dir': join(data, 'sample'),
    ...keys,
  }
  return loadConfig({ file: false, env: {}, overrides })
}

const https = (section: 'http' | 'meta', certificate: string, key: string, ca = ''): Keys => ({
  [`${section}.https-enabled`]: true,
  [`${section}.https-certificate`]: at(certificate),
  [`${section}.https-private-key`]: key && at(key),
  [`${section}.https-client-ca`]: ca && at(ca),
})

const client = (prefix: string, ca: string, cert = '', key = ''): Keys => ({
  [`${prefix}-ca`]: ca && at(ca),
  [`${prefix}-cert`]: cert && at(cert),
  [`${prefix}-key`]: key && at(key),
})

const ASKING = { 'auth.meta-addr': '127.0.0.1:1', 'auth.meta-use-tls': true }
const PROVIDER = { 'oidc.issuer': 'https://127.0.0.1:1', 'oidc.client-id': 'a', 'oidc.admins': 'a' }
const GATEWAY = { 'gateway.kapacitor-url': 'https://127.0.0.1:1' }
const ETCD = { 'meta.store': 'etcd', 'meta.etcd-endpoints': '127.0.0.1:1', 'meta.etcd-use-tls': true, 'meta.etcd-timeout': '1s' }
const LOG = 'http.access-log-path'
const AUDIT = { 'audit.enabled': true }

describe('what config finds, serve refuses; TLS files in the same words', () => {
  test.each<[string, () => Keys, RegExp[]]>([
    // says                               configuration                                          problems
    ['no certificate',                    () => https('http', 'none', 'key'),                    [/^\[http\] https-certificate \(.*\/none\) cannot be read: ENOENT/]],
    ['noise for a certificate',           () => https('http', 'noise', 'key'),                   [/^\[http\] https-certificate \(.*\/noise\) is not a certificate in PEM$/]],
    ["another certificate's key",         () => https('http', 'cert', 'other-key'),              [/^\[http\] https-private-key \(.*\/other-key\) does not belong to \[http\] https-certificate/]],
    ['a key that is not in there',        () => https('http', 'cert', ''),                       [/^\[http\] https-private-key \(.*\/cert\) is not a private key in PEM/]],
    ['three at once',                     () => https('http', 'none', 'noise', 'empty'),         [/https-certificate/, /https-private-key/, /^\[http\] https-client-ca \(.*\/empty\) is not a certificate in PEM$/]],
    ["the meta node's certificate",       () => https('meta', 'empty', 'key'),                   [/^\[meta\] https-certificate \(.*\/empty\) is not a certificate in PEM$/]],
    ["the meta nodes' CA",                () => ({ ...ASKING, ...client('auth.meta', 'key') }),  [/^\[auth\] meta-ca: .*\/key is not a certificate in PEM$/]],
    ['two mistakes with the meta nodes',  () => ({ ...ASKING, ...client('auth.meta', 'none', 'cert', 'other-key') }), [/^\[auth\] meta-ca: .*\/none does not exist$/, /^\[auth\] meta-key: .*\/other-key does not fit/]],
    ["Kapacitor's CA",                    () => ({ ...GATEWAY, ...client('gateway.kapacitor', 'none') }), [/^\[gateway\] kapacitor-ca: .*\/none does not exist$/]],
    ['a certificate for Kapacitor',       () => ({ ...GATEWAY, ...client('gateway.kapacitor', '', 'noise', 'noise') }), [/^\[gateway\] kapacitor-cert: .*\/noise is not a cert/, /^\[gateway\] kapacitor-key: .*\/noise is not a private key/]],
    ['a CA that is a directory',          () => ({ ...GATEWAY, ...client('gateway.kapacitor', 'foreign') }), [/^\[gateway\] kapacitor-ca: .*\/foreign cannot be read \(EISDIR\)$/]],
    ["the identity provider's CA",        () => ({ ...PROVIDER, 'oidc.ca': at('none') }),        [/^\[oidc\] ca: .*\/none does not exist$/]],
    ["a provider's CA that is a key",     () => ({ ...PROVIDER, 'oidc.ca': at('key') }),         [/^\[oidc\] ca: .*\/key is not a certificate in PEM$/]],
    ['a key set that tells no issuer',    () => ({ ...PROVIDER, 'oidc.issuer': '', 'oidc.jwks-endpoint': 'https://127.0.0.1:1/keys' }), [/^\[oidc\] issuer is needed: "https:\/\/127\.0\.0\.1:1\/keys" does not tell whose keys it has$/]],
    ['the key for etcd',                  () => ({ ...ETCD, ...client('meta.etcd', 'ca', 'cert', 'other-key') }), [/^\[meta\] etcd-key: .*\/other-key does not fit the certificate$/]],
    ['a file for the registry',           () => ({ 'meta.dir': at('noise') }),                   [/^\[meta\] dir: .*\/noise is a file: name a directory$/]],
    ['a registry below a file',           () => ({ 'meta.dir': at('noise/meta/x') }),            [/^\[meta\] dir: .*\/noise\/meta\/x cannot be made: a part of the path is a file$/]],
    ["somebody else's data file",         () => ({ 'meta.dir': at('foreign') }),                 [/^\[meta\] dir: .*\/foreign\/data\.mdb is not the data file of a registry/]],
    ['a link to nothing',                 () => ({ 'meta.dir': at('dangling') }),                [/^\[meta\] dir: .*\/dangling cannot be used: /]],
    ["somebody else's tasks",             () => ({ 'sample.dir': at('foreign') }),               [/^\[sample\] dir: cannot use .*\/foreign\/tasks\.json: it is not JSON$/]],
    ['a file for the sample',             () => ({ 'sample.dir': at('noise') }),                 [/^\[sample\] dir: .*\/noise is a file/]],
    ['a directory for a log',             () => ({ [LOG]: directory }),                          [/^cannot write .* \(\[http\] access-log-path\): /]],
    ['a log in no directory',             () => ({ [LOG]: at('none/access.log') }),              [/^cannot write .*\/none\/access\.log \(\[http\] access-log-path\): its directory does not exist$/]],
    ['a log below a file',                () => ({ ...AUDIT, 'audit.path': at('noise/audit.log') }), [/^cannot write .*\/noise\/audit\.log \(\[audit\] path\): /]],
    ['a link to nothing for a log',       () => ({ ...AUDIT, 'audit.path': at('dangling') }),    [/^cannot write .*\/dangling \(\[audit\] path\): /]],
    ['a bit of everything',               () => ({ ...https('http', 'none', 'key'), ...https('meta', 'cert', 'noise'), ...GATEWAY, ...client('gateway.kapacitor', 'empty'), [LOG]: directory }),
      [/^\[http\] https-certificate/, /^\[meta\] https-private-key/, /^\[gateway\] kapacitor-ca/, /^cannot write/]],
  ])('%s', async (says, keys, expected) => {
    const data = at(`data ${says}`)
    const config = configOf(keys(), data)
    const { problems } = await checkFiles(config)
    expect(problems).toEqual(expected.map((problem) => expect.stringMatching(problem)))
    expect(problems.join()).not.toContain('s3cret')
    expect(readdirSync(directory)).not.toContain(`data ${says}`)
    const failure = await serve(config, silent).then(
      async (serving) => { await serving.close(); return undefined },
      (error: Error) => error,
    )
    expect(failure).toMatchObject({ code: expect.stringMatching(/^ERR_(CONFIG_INVALID|STORE_UNAVAILABLE)$/) })
    const [first = ''] = problems
    const said = failure?.message.split('\n') ?? []
    // For directories and logs the system's own reason is another for looking than for making
    const isSame = !/ dir: |^cannot write /.test(first)
    if (isSame) expect(problems).toEqual(expect.arrayContaining(said))
    else expect(said.join()).toContain(/\/[^ :]+/.exec(first)?.[0])
  })
})

describe('what serve takes, config takes', () => {
  test.each<[string, () => Keys, RegExp[]]>([
    // says                                configuration                                          warnings
    ['nothing configured',                 () => ({}),                                            []],
    ['HTTPS on both',                      () => ({ ...https('http', 'cert', 'key', 'ca'), ...https('meta', 'cert', 'key') }), []],
    ['HTTPS that is switched off',         () => ({ ...https('http', 'none', 'none'), 'http.https-enabled': false }), []],
    ['an expired certificate',             () => https('http', 'expired-cert', 'expired-key'),    [/^\[http\] https-certificate .* has expired: .* GMT$/]],
    ['a key for everybody',                () => https('meta', 'cert', 'open-key'),               [/^\[meta\] https-private-key .*: every user of this machine may read it$/]],
    ['an expired one for Kapacitor',       () => ({ ...GATEWAY, ...client('gateway.kapacitor', '', 'expired-cert', 'expired-key') }), [/^\[gateway\] kapacitor-cert: .* has expired: .* GMT$/]],
    ['files for an http: Kapacitor',       () => ({ 'gateway.kapacitor-url': 'http://127.0.0.1:1', ...client('gateway.kapacitor', 'none') }), []],
    ['what only `user` would use',         () => ({ 'auth.meta-use-tls': true, ...client('auth.meta', 'none') }), [/^\[auth\] meta-ca: .* does not exist \(not used by serve: it asks no other/]],
    ['what only `meta-node` would use',    () => ({ 'auth.meta-addr': '127.0.0.1:1', 'meta.dir': at('noise'), ...https('meta', 'none', 'key') }), [/^\[meta\] https-certificate .* \(not used by serve: \[auth\] meta-addr names/]],
    ['an access log that is switched off', () => ({ [LOG]: directory, 'http.log-enabled': false }), []],
    ['logs to be made',                    () => ({ ...AUDIT, 'audit.path': at('audit.log'), [LOG]: at('access.log') }), []],
  ])('%s', async (says, keys, warnings) => {
    const config = configOf(keys(), at(`good ${says}`))
    const before = readdirSync(directory)
    const report = await checkFiles(config)
    expect(report.problems).toEqual([])
    expect(report.warnings).toEqual(warnings.map((warning) => expect.stringMatching(warning)))
    expect(readdirSync(directory)).toEqual(before)
    await (await serve(config, silent)).close()
  })
})

describe('the command', () => {
  test('prints the configuration all the same, then every mistake, and ends with 1', async () => {
    const program = start(['config', '--data-dir', at('noise')], { KAPACITOR_HTTP_HTTPS_ENABLED: 'true', KAPACITOR_HTTP_HTTPS_CERTIFICATE: at('none') })
    expect(await program.end()).toBe(1)
    expect(program.stdout()).toMatch(/\n {2}https-certificate = ".*none" +# KAPACITOR_HTTP_HTTPS_CERTIFICATE\n/)
    expect(program.stderr()).toMatch(/^kapacitor-auth: \[http\] https-certificate .*\n\[meta\] dir: .*\n\[sample\] dir: .*\n$/)
  })

  test('warns, and ends with 0', async () => {
    const program = start(['config', '--data-dir', at('fresh')], {
      KAPACITOR_HTTP_HTTPS_ENABLED: 'true',
      KAPACITOR_HTTP_HTTPS_CERTIFICATE: at('expired-cert'),
      KAPACITOR_HTTP_HTTPS_PRIVATE_KEY: at('expired-key'),
    })
    expect(await program.end()).toBe(0)
    expect(program.stderr()).toMatch(/^kapacitor-auth: warning: \[http\] https-certificate .* has expired: .*\n$/)
    expect(readdirSync(directory)).not.toContain('fresh')
  })
})

test('kapacitor-auth config prints what the file of [oidc] gives, with its lines; and refuses one that is wrong', async () => {
  writeFileSync(at('values.yaml'), 'admin:\n  jwksEndpoint: |-\n    https://id.example.com/realms/r/protocol/openid-connect/certs\n  users:\n    - { id: auth0|ann, firstName: A, lastName: B, email: C, userGroups: [Admin] }\n    - { id: bob, firstName: A, lastName: B, email: C, userGroups: [Auditor] }\n')
  const env = { KAPACITOR_OIDC_FILE: at('values.yaml'), KAPACITOR_OIDC_CLIENT_ID: 'kapacitor' }
  const good = start(['config', '--data-dir', at('fresh')], env)
  expect(await good.end()).toBe(0)
  expect(good.stdout()).toMatch(/ {2}file = ".*values\.yaml" +# KAPACITOR_OIDC_FILE\n/)
  expect(good.stdout()).toMatch(/ {2}jwks-endpoint = "https:\/\/id\.example\.com\/realms\/r\/protocol\/openid-connect\/certs" +# .*values\.yaml:2\n/)
  expect(good.stdout()).toMatch(/ {2}client-id = \["kapacitor"\] +# KAPACITOR_OIDC_CLIENT_ID\n/)
  expect(good.stdout()).toMatch(/ {2}admins = \["auth0\|ann"\] +# .*values\.yaml:5\n/)
  expect(good.stdout()).toMatch(/ {2}auditors = \["bob"\] +# .*values\.yaml:6\n/)
  writeFileSync(at('values.yaml'), 'admin:\n  users:\n    - id: 007\n')
  const bad = start(['config', '--data-dir', at('fresh')], env)
  expect(await bad.end()).toBe(1)
  expect(bad.stderr()).toContain(`kapacitor-auth: ${at('values.yaml')}:3: admin.users[0].id is a number without quotes; write it in quotes: "007"\n`)
})
