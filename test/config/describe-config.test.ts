import { expect, test } from 'vitest'
import { describeConfig } from '../../src/config/describe-config.js'
import { eachKey } from '../../src/config/sections/sections.js'
import { load, loadToml } from './support.js'

const config = load({
  overrides: {
    'http.shared-secret': 'correct horse battery staple, and more',
    'http.https-certificate': '/a "b".pem',
    'auth.cache-expiration': '1h30m',
    'auth.meta-addr': 'a:1,b:2',
    'auth.meta-username': 'z\u200bz',
    'auth.hash-queue': '7',
  },
})
const rows = describeConfig(config)

test.each([
  // section   key                            value                  origin
  ['http',     'auth-enabled',                'true',                'default'],
  ['http',     'shared-secret',               '***',                 'override http.shared-secret'],
  ['http',     'https-certificate',           '"/a \\"b\\".pem"',    'override http.https-certificate'],
  ['http',     'shutdown-timeout',            '"10s"',               'default'],
  ['auth',     'cache-expiration',            '"1h30m0s"',           'override auth.cache-expiration'],
  ['auth',     'meta-addr',                   '["a:1", "b:2"]',      'override auth.meta-addr'],
  ['auth',     'meta-username',               '"z\\u200bz"',         'override auth.meta-username'],
  ['auth',     'meta-password',               '""',                  'default'],
  ['auth',     'hash-queue',                  '7',                   'override auth.hash-queue'],
  ['meta',     'admin-username',              '"admin"',             'default'],
])('[%s] %s is %s', (section, key, value, origin) => {
  expect(rows.find((row) => row.section === section && row.key === key)).toEqual({ section, key, value, origin })
})

test('every key has its row', () => {
  expect(rows.map(({ section, key }) => `${section}.${key}`)).toEqual([...eachKey()].map(({ id }) => id))
})

test('B7: what is printed is read back: every default, and every duration, "auto" and list', () => {
  const given = load({
    overrides: {
      'http.workers': 'auto', 'http.header-timeout': '1m0.000001s', 'http.shutdown-timeout': '1µs', 'auth.lookup-interval': '1.5ms',
      'auth.meta-addr': 'a:1,b:2', 'gateway.trusted-proxies': '10.0.0.7,fd00::/8', 'gateway.kapacitor-url': 'unix:/a b/"c"',
      'oidc.issuer': 'https://id.example.com', 'oidc.client-id': 'a', 'oidc.admins': 'auth0|a,b', 'oidc.groups-claim': 'g', 'oidc.group-roles': '/a=b=c,d=e',
    },
  })
  for (const config of [given, load()]) {
    const toml = describeConfig(config).map(({ section, key, value }) => `${section}.${key} = ${value}`).join('\n')
    const again = loadToml(toml)
    expect(describeConfig(again).map(({ value }) => value)).toEqual(describeConfig(config).map(({ value }) => value))
    expect({ ...again.http, ...again.auth, ...again.gateway, ...again.oidc }).toEqual({ ...config.http, ...config.auth, ...config.gateway, ...config.oidc })
  }
})
