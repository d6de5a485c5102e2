// `[http]` of `influxdb.conf`: a real file is accepted as it is, and what the documents print works as printed.
import { describe, expect, test } from 'vitest'
import { renderConfig } from '../../src/cli/config-command.js'
import type { LoadConfigOptions } from '../../src/config/load-config.js'
import { file, INFLUXDB_DOCUMENT, load, problems } from './support.js'

const URL = { 'gateway.influxdb-url': 'http://127.0.0.1:8087' }
const loadInfluxdb = (toml: string, options: LoadConfigOptions = {}) =>
  load({ influxdbFile: file('influxdb.conf', toml), overrides: URL, ...options })

/** The three documents' blocks, as printed. */
const DOCUMENTS = {
  'InfluxDB 1.7':                INFLUXDB_DOCUMENT,
  'Enterprise: auth-enabled':      '[http]\n  # ...\n  auth-enabled = true\n',
  'Enterprise: shared-secret':     '[http]\nshared-secret = "my super secret pass phrase"\n',
  'without section: auth-enabled':  '  # ...\n  auth-enabled = true',
  'without section: shared-secret': 'shared-secret = "my super secret pass phrase"',
}

describe('what the documents print works as printed', () => {
  test.each(Object.entries(DOCUMENTS))('%s', (_says, toml) => {
    const { influxdb } = loadInfluxdb(toml)
    expect(influxdb.authEnabled).toBe(true)
    if (toml.includes('secret')) expect(influxdb.sharedSecret?.reveal()).toBe('my super secret pass phrase')
    if (toml.includes('8086')) {
      expect(influxdb).toMatchObject({ bindAddress: ':8086', pingAuthEnabled: true, pprofAuthEnabled: true, httpsCertificate: '/etc/ssl/influxdb.pem' })
    }
  })

  test('the environment', () => {
    const env = { INFLUXDB_HTTP_SHARED_SECRET: 'MYSUPERSECRETPASSPHRASE' }
    expect(load({ env, overrides: URL }).influxdb.sharedSecret?.reveal()).toBe('MYSUPERSECRETPASSPHRASE')
  })
})

/** Much of the file that InfluxDB 1.8 installs, with some comment marks removed. */
const REAL = `
reporting-disabled = false
bind-address = "127.0.0.1:8088"
[meta]
  dir = "/var/lib/influxdb/meta"
  retention-autocreate = true
[data]
  dir = "/var/lib/influxdb/data"
  max-series-per-database = 1000000
[coordinator]
  write-timeout = "10s"
[retention]
  enabled = true
[shard-precreation]
  check-interval = "10m"
[monitor]
  store-enabled = true
[http]
  enabled = true
  flux-enabled = false
  flux-log-enabled = false
  bind-address = ":8086"
  auth-enabled = false
  realm = "InfluxDB"
  log-enabled = true
  suppress-write-log = false
  access-log-path = ""
  access-log-status-filters = ["5xx", "4xx"]
  write-tracing = false
  pprof-enabled = true
  pprof-auth-enabled = true
  debug-pprof-enabled = false
  ping-auth-enabled = false
  prom-read-auth-enabled = true
  https-enabled = false
  https-certificate = "/etc/ssl/influxdb.pem"
  https-private-key = ""
  shared-secret = ""
  max-row-limit = 0
  max-connection-limit = 0
  unix-socket-enabled = false
  bind-socket = "/var/run/influxdb.sock"
  max-body-size = 25000000
  max-concurrent-write-limit = 0
  max-enqueued-write-limit = 0
  enqueued-write-timeout = 0
  [http.headers]
    X-Header-1 = "Header Value 1"
[logging]
  format = "auto"
[subscriber]
  enabled = true
[[graphite]]
  enabled = false
[[udp]]
  enabled = false
[continuous_queries]
  enabled = true
[tls]
  min-version = "tls1.2"
[flux-something]
  x = 1
`

test('a real file is accepted as it is', () => {
  const config = loadInfluxdb(REAL)
  expect(config.influxdb).toMatchObject({ bindAddress: ':8086', authEnabled: false, maxBodySize: 25_000_000 })
  expect(config.warnings).toEqual([expect.stringMatching(/^\/.*influxdb.conf:23: Authentication is OFF for InfluxDB's API/)])
  expect(config.origins.get('influxdb.bind-address')).toMatch(/influxdb\.conf:22$/)
})

describe('which file is read', () => {
  const path = () => file('influxdb.conf', '[http]\nrealm = "mine"\n')
  test('the one that is named, before the one of the environment', () => {
    const [named, other] = [path(), path()]
    expect(load({ influxdbFile: named, env: { INFLUXDB_CONFIG_PATH: other } }).influxdbFile).toBe(named)
    expect(load({ env: { INFLUXDB_CONFIG_PATH: other } })).toMatchObject({ influxdbFile: other, influxdb: { realm: 'mine' } })
  })
  test('none, if none is named: InfluxDB\'s own is not looked for', () => {
    expect(load()).not.toHaveProperty('influxdbFile')
    expect(load().influxdb).toMatchObject({ bindAddress: '127.0.0.1:8086', authEnabled: true, pprofAuthEnabled: true })
  })
  test('one that is not there is an error', () => {
    expect(problems(() => load({ influxdbFile: '/nowhere/influxdb.conf' }))).toEqual(['/nowhere/influxdb.conf: the configuration file cannot be read: there is no such file'])
  })
  test('kapacitor.conf has no [influxdb] of ours: there it is Kapacitor\'s', () => {
    expect(load({ file: file('kapacitor.conf', '[[influxdb]]\nurls = ["http://localhost:8086"]\n') }).influxdb.realm).toBe('InfluxDB')
  })
})

test.each([
  // says                         toml                                   expected
  ['a wrong value',               '[http]\nauth-enabled = "yes"',         'influxdb.conf:2: [http] auth-enabled = "yes" (in quotes); expected true or false'],
  ['a misspelt key',              '[http]\nauth-enabeld = true',          'influxdb.conf:2: [http] has no key "auth-enabeld"; did you mean [http] auth-enabled?'],
  ['a misspelt section',          '[htpp]\nauth-enabled = true',          'influxdb.conf:1: there is no section [htpp]; did you mean [http]?'],
  ['not a section',               'http = 1',                             'influxdb.conf:1: http must be a section, written [http]'],
  ['a short secret',              '[http]\nshared-secret = "short"',      'influxdb.conf:2: [http] shared-secret = *** (too short); expected a text of at least 16 bytes, without NUL'],
  ['a realm that breaks out',     '[http]\nrealm = "a\\"b"',              'influxdb.conf:2: [http] realm = "a\\"b"; expected a text of visible ASCII characters and spaces, without " and \\'],
  ['HTTPS without certificate',   '[http]\nhttps-enabled = true',         'influxdb.conf:2: influxdb.conf: [http] https-enabled = true needs [http] https-certificate'],
  ['not TOML',                    '[http',                                'influxdb.conf:1:2: incomplete key-value: cannot find end of key'],
])('refused: %s', (_says, toml, expected) => {
  expect(problems(() => loadInfluxdb(toml))).toEqual([expected])
})

test.each([
  // says                                     env                                             overrides  expected
  ['a misspelt variable',                     { INFLUXDB_HTTP_AUTH_ENABELD: 'true' },         URL,       ['INFLUXDB_HTTP_AUTH_ENABELD: [http] has no key "auth-enabeld"; did you mean INFLUXDB_HTTP_AUTH_ENABLED?']],
  ['a wrong value',                           { INFLUXDB_HTTP_AUTH_ENABLED: 'maybe' },        URL,       ['INFLUXDB_HTTP_AUTH_ENABLED: [http] auth-enabled = "maybe"; expected true or false']],
])('refused in the environment: %s', (_says, env, overrides, expected) => {
  expect(problems(() => load({ env, overrides }))).toEqual(expected)
})

test.each([
  // says                                   env                                                       overrides
  ['the engine\'s',                         { INFLUXDB_HTTP_MAX_ROW_LIMIT: '7' },                     URL],
  ['a container\'s link to a service',      { INFLUXDB_HTTP_SERVICE_PORT: '8086' },                   URL],
  ['anything, where InfluxDB is not served', { INFLUXDB_HTTP_SHARED_SECRET: 'x' },                     {}],
])('passed over in the environment: %s', (_says, env, overrides) => {
  expect(load({ env, overrides }).warnings).toEqual([])
})

test('an unknown key that looks like none of ours is skipped with a warning', () => {
  expect(loadInfluxdb('[http]\nzzz-something-new = 1\n').warnings).toEqual([
    expect.stringMatching(/influxdb\.conf:2: \[http\] zzz-something-new is not known here, and skipped$/),
  ])
})

test('the environment overrules the file; a secret may be in a file of its own', () => {
  const env = { INFLUXDB_HTTP_REALM: 'other', INFLUXDB_HTTP_SHARED_SECRET_FILE: file('secret', 'the secret of thirty-two bytes and more') }
  const { influxdb, warnings } = loadInfluxdb('[http]\nrealm = "mine"\n', { env })
  expect(influxdb.realm).toBe('other')
  expect(influxdb.sharedSecret?.reveal()).toBe('the secret of thirty-two bytes and more')
  expect(warnings).toEqual([])
})

describe('together with the rest', () => {
  test.each([
    // says                               overrides                                                      expected
    ['a certificate without its key',     { 'gateway.influxdb-cert': '/c.pem' },                          '[gateway] influxdb-cert and influxdb-key go together'],
    ['a user without a password',         { 'gateway.influxdb-username': 'a' },                           '[gateway] influxdb-username and influxdb-password go together'],
    ['no look-ups with authentication',   { 'auth.enabled': false, 'http.auth-enabled': false, ...URL },  '[auth] enabled = false with influxdb.conf [http] auth-enabled = true'],
  ])('refused: %s', (_says, overrides, expected) => {
    expect(problems(() => load({ overrides }))).toEqual([expect.stringContaining(expected)])
  })

  test.each([
    // overrides                                                          expected
    [{ ...URL, 'influxdb.enabled': false },                                "InfluxDB's API is not served"],
    [{ ...URL, 'influxdb.bind-address': ':8086' },                         "Callers of InfluxDB's API send their passwords unencrypted"],
    [{ ...URL, 'influxdb.pprof-auth-enabled': false },                     'Profiles and variables of InfluxDB are open'],
    [{ ...URL, 'influxdb.debug-pprof-enabled': true },                     'debug-pprof-enabled = true has no effect'],
    [{ ...URL, 'influxdb.prom-read-auth-enabled': false },                 'prom-read-auth-enabled = false has no effect'],
    [{ ...URL, 'gateway.influxdb-insecure-skip-verify': true },            "InfluxDB's certificate is not verified"],
    [{ ...URL, 'gateway.influxdb-ca': '/ca.pem' },                         'have no effect without an https: influxdb-url'],
    [{ ...URL, 'influxdb.shared-secret': 'sixteen bytes ab' },             'influxdb.conf: [http] shared-secret is short'],
    [{ 'meta.first-admin': 'query' },                                      'no administrator is made at the first start'],
    [{ ...URL, 'meta.first-admin': 'query', 'meta.first-admin-from': 'anywhere' }, "Anybody who can reach InfluxDB's API may create the first administrator"],
  ])('%j earns a warning', (overrides, expected) => {
    expect(load({ overrides }).warnings).toEqual([expect.stringContaining(expected)])
  })
})

test('config shows it, if InfluxDB is served; and what is printed is read back', () => {
  expect(renderConfig(load())).not.toContain('influxdb.conf')
  const config = load({ overrides: { ...URL, 'influxdb.realm': 'mine', 'influxdb.shared-secret': 'thirty-two bytes of a secret text' } })
  const [, shown = ''] = renderConfig(config).split('# influxdb.conf\n')
  expect(shown).toMatch(/^\[http\]\n {2}enabled = true +# default\n/)
  expect(shown).toContain('shared-secret = ***')
  const again = loadInfluxdb(shown.replace('***', '"thirty-two bytes of a secret text"'))
  expect(again.influxdb).toEqual(config.influxdb)
})
