import { describe, expect, test } from 'vitest'
import { variableOf } from '../../src/config/sections/config-file.js'
import { eachKey } from '../../src/config/sections/sections.js'
import { load, loadToml, problems } from './support.js'

test('every key has a variable of its own', () => {
  const variables = [...eachKey()].map(({ section, name }) => variableOf(section, name))
  expect(new Set(variables).size).toBe(variables.length)
  expect(variables).toContain('KAPACITOR_AUTH_META_INSECURE_SKIP_VERIFY')
})

describe('a variable is found however it is spelt', () => {
  test.each([
    ['KAPACITOR_AUTH_META_USE_TLS'],
    ['KAPACITOR_AUTH_META_USE-tls'],
    ['KAPACITOR_AUTH_META-USE-TLS'],
    ['kapacitor_auth_meta_use_tls'],
    ['Kapacitor-Auth-Meta-Use-Tls'],
  ])('%s', (name) => {
    const config = load({ env: { [name]: 'true' } })
    expect(config.auth.metaUseTls).toBe(true)
    expect(config.origins.get('auth.meta-use-tls')).toBe(name)
  })

  test('bcrypt-cost also by its short name', () => {
    const config = load({ env: { KAPACITOR_AUTH_BCRYPT: '5' } })
    expect(config.auth.bcryptCost).toBe(5)
    expect(config.origins.get('auth.bcrypt-cost')).toBe('KAPACITOR_AUTH_BCRYPT')
  })

  test('[meta] addr is not [auth] meta-addr', () => {
    const config = load({ env: { KAPACITOR_META_DIR: '/m', KAPACITOR_AUTH_META_ADDR: 'm:1' } })
    expect(config.meta.dir).toBe('/m')
    expect(config.auth.metaAddr).toEqual(['m:1'])
  })
})

test.each([
  // says                       variables                                                                          refused as
  ['two spellings at odds',     { KAPACITOR_AUTH_META_USE_TLS: 'true', 'KAPACITOR_AUTH_META_USE-tls': 'false' },    'KAPACITOR_AUTH_META_USE_TLS: KAPACITOR_AUTH_META_USE-tls gives [auth] meta-use-tls another value'],
  ['the short name at odds',    { KAPACITOR_AUTH_BCRYPT: '4', KAPACITOR_AUTH_BCRYPT_COST: '5' },                    'KAPACITOR_AUTH_BCRYPT_COST: KAPACITOR_AUTH_BCRYPT gives [auth] bcrypt-cost another value'],
  ['a wrong value',             { KAPACITOR_AUTH_BCRYPT: '31' },                                                    'KAPACITOR_AUTH_BCRYPT: [auth] bcrypt-cost = "31"; expected a whole number from 4 to 14'],
  ['a carriage return',         { KAPACITOR_AUTH_ENABLED: 'true\r' },                                               'KAPACITOR_AUTH_ENABLED: [auth] enabled = "true\\r"; expected true or false'],
  ['a misspelt key',            { KAPACITOR_AUTH_META_ADRR: 'm:1' },                                                'KAPACITOR_AUTH_META_ADRR: [auth] has no key "meta-adrr"; did you mean KAPACITOR_AUTH_META_ADDR?'],
  ["another section's key",     { KAPACITOR_META_CACHE_SIZE: '1' },                                                 'KAPACITOR_META_CACHE_SIZE: [meta] has no key "cache-size"; did you mean KAPACITOR_AUTH_CACHE_SIZE?'],
  ["a misspelt secret's value", { KAPACITOR_AUTH_META_PASSWRD: 'hunter2' },                                         'KAPACITOR_AUTH_META_PASSWRD: [auth] has no key "meta-passwrd"; did you mean KAPACITOR_AUTH_META_PASSWORD?'],
  ['a prototype',               { KAPACITOR_AUTH___PROTO__: 'x' },                                                  'KAPACITOR_AUTH___PROTO__: [auth] has no key "--proto--"'],
  ['a constructor',             { KAPACITOR_HTTP_CONSTRUCTOR: 'x' },                                                'KAPACITOR_HTTP_CONSTRUCTOR: [http] has no key "constructor"'],
  ['a port, of no service',     { KAPACITOR_HTTP_PORT: '9092' },                                                    'KAPACITOR_HTTP_PORT: [http] has no key "port"'],
  ['a list item',               { KAPACITOR_AUTH_META_ADDR_0: 'm:1' },                                              'KAPACITOR_AUTH_META_ADDR_0: [auth] has no key "meta-addr-0"; did you mean KAPACITOR_AUTH_META_ADDR?'],
  ['a line break in a name',    { 'KAPACITOR_AUTH_A\nB': 'x' },                                                     'KAPACITOR_AUTH_A\\u000aB: [auth] has no key "a\\nb"'],
])('%s is refused', (_says, env, says) => {
  expect(problems(() => load({ env }))).toEqual([says])
})

test.each([
  ['KAPACITOR_AUHT_META_ADDR',   'KAPACITOR_AUTH_META_ADDR'],
  ['KAPACITOR_HTPP_BIND_ADDRESS', 'KAPACITOR_HTTP_BIND_ADDRESS'],
])('%s is pointed out', (name, meant) => {
  expect(problems(() => load({ env: { [name]: 'secret' } }))).toEqual([`${name}: no such variable; did you mean ${meant}?`])
})

test.each([
  ['KAPACITOR_CONFIG'], ['KAPACITOR_CONF'], ['KAPACITOR_CONFIG_FILE'], ['KAPACITOR_CONF_PATH'], ['KAPACITOR_CONFIGPATH'], ['KAPACITOR_CONFIG_PAHT'], ['kapacitor_config'],
])('C5: %s is pointed out, which names no file', (name) => {
  expect(problems(() => load({ env: { [name]: '/etc/kapacitor/kapacitor.conf' } }))).toEqual([
    `${name}: no such variable; did you mean KAPACITOR_CONFIG_PATH?`,
  ])
})

describe('what is not ours is passed over', () => {
  test.each([
    ['KAPACITOR_URL',                         'http://localhost:9092'],
    ['KAPACITOR_UNSAFE_SSL',                  'true'],
    ['KAPACITOR_HOSTNAME',                    'kapacitor'],
    ['KAPACITOR_DATA_DIR',                    '/x'],
    ['KAPACITOR_INFLUXDB_0_URLS_0',           'http://influxdb:8086'],
    ['KAPACITOR_INFLUXDB_0_PASSWORD',         'x'],
    ['KAPACITOR_HTTPPOST_0_ENDPOINT',         'x'],
    ['KAPACITOR_LOGGING_LEVEL',               'DEBUG'],
    ['KAPACITOR_HTTP_WRITE_TRACING',          'true'],
    ['KAPACITOR_HTTP_ACCESS_LOG_STATUS_FILTERS_0', '5xx'],
    ['KAPACITOR_AUTH',                        'x'],
    ['KAPACITOR_AUTH_',                       'x'],
    ['KAPACITOR_AUTHENTICATION_X',            'x'],
    ['KAPACITOR___PROTO___X',                 'x'],
    ['KAPACITOR_CONSTRUCTOR_X',               'x'],
    ['XKAPACITOR_AUTH_ENABLED',               'false'],
    ['INFLUXDB_HTTP_SHARED_SECRET',           'x'],
    ['KAPACITOR_CONFIG_PATH',                 '/dev/null'],
    ['KAPACITOR_CONFIG_OVERRIDE_ENABLED',     'true'],
    ['KAPACITOR_CONFIG_SERVICE_HOST',         '10.0.0.7'],
    ['KAPACITOR_CONFIG_PORT',                 'tcp://10.0.0.7:9092'],
    // A Kubernetes service called kapacitor-auth, kapacitor-auth-meta, or the like.
    ['KAPACITOR_AUTH_SERVICE_HOST',           '10.0.0.7'],
    ['KAPACITOR_AUTH_SERVICE_PORT',           '9092'],
    ['KAPACITOR_AUTH_SERVICE_PORT_HTTP',      '9092'],
    ['KAPACITOR_AUTH_PORT',                   'tcp://10.0.0.7:9092'],
    ['KAPACITOR_AUTH_PORT_9092_TCP',          'tcp://10.0.0.7:9092'],
    ['KAPACITOR_AUTH_PORT_9092_TCP_PROTO',    'tcp'],
    ['KAPACITOR_AUTH_PORT_9092_TCP_PORT',     '9092'],
    ['KAPACITOR_AUTH_PORT_9092_TCP_ADDR',     '10.0.0.7'],
    ['KAPACITOR_AUTH_META_SERVICE_HOST',      '10.0.0.8'],
    ['KAPACITOR_AUTH_META_PORT_8091_TCP_ADDR', '10.0.0.8'],
    ['KAPACITOR_META_PORT',                   'udp://10.0.0.8:8091'],
  ])('%s=%s', (name, value) => {
    const { http, auth, meta } = load({ env: { [name]: value } })
    const bare = load()
    expect({ http, auth, meta }).toEqual({ http: bare.http, auth: bare.auth, meta: bare.meta })
  })
})

test('a variable set to nothing is not set, as in Kapacitor', () => {
  const names = [...eachKey()].map(({ section, name }) => variableOf(section, name))
  const env = Object.fromEntries(names.map((name) => [name, '']))
  const config = loadToml('[auth]\nmeta-username = "a"\nmeta-password = "b"\nbcrypt-cost = 5', { env })
  expect(config.auth).toMatchObject({ metaUsername: 'a', bcryptCost: 5, enabled: true })
  expect(config.auth.metaPassword?.reveal()).toBe('b')
})

test('two spellings of one value do not contradict each other', () => {
  expect(load({ env: { KAPACITOR_AUTH_BCRYPT: '5', KAPACITOR_AUTH_BCRYPT_COST: '5' } }).auth.bcryptCost).toBe(5)
})
