import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { directory, file, load, loadToml, problems } from './support.js'

const isRoot = process.geteuid?.() === 0

test('without anything, every key has its default', () => {
  const config = load({ platform: { name: 'linux', isRoot: true } })
  expect(config.http).toEqual({
    authEnabled: true,
    bindAddress: '127.0.0.1:9092',
    logEnabled: true,
    httpsEnabled: false,
    httpsCertificate: '',
    httpsPrivateKey: '',
    httpsClientCa: '',
    httpsClientAuth: 'require',
    sharedSecret: undefined,
    shutdownTimeout: 10_000,
    shutdownDelay: 0,
    pingAuthEnabled: true,
    pprofEnabled: false,
    accessLogPath: '',
    workers: 1,
    maxHeaderBytes: 16_384,
    maxBodySize: 0,
    maxConnectionLimit: 0,
    headerTimeout: 30_000,
    bodyTimeout: 60_000,
    keepAliveTimeout: 75_000,
  })
  expect(config.auth).toEqual({
    enabled: true,
    cacheExpiration: 600_000,
    cacheSize: 10_000,
    revalidateInterval: 10_000,
    lookupInterval: 1_000,
    metaPush: true,
    digestEnabled: true,
    bcryptCost: 10,
    hashThreads: 0,
    hashQueue: 256,
    wrongPasswordInterval: 100,
    wrongPasswordBurst: 50,
    metaAddr: [],
    metaUsername: '',
    metaPassword: undefined,
    metaInternalSharedSecret: undefined,
    metaUseTls: false,
    metaCa: '',
    metaCert: '',
    metaKey: '',
    metaInsecureSkipVerify: false,
    metaTimeout: 5_000,
    metaAttemptTimeout: 2_000,
  })
  expect(config.meta).toEqual({
    store: 'lmdb',
    dir: '/var/lib/kapacitor-auth/meta',
    firstAdmin: 'start',
    firstAdminFrom: 'loopback',
    etcdEndpoints: [],
    etcdUseTls: true,
    etcdCa: '',
    etcdCert: '',
    etcdKey: '',
    etcdUsername: '',
    etcdPassword: undefined,
    etcdPrefix: '/kapacitor-auth/',
    etcdTimeout: 5_000,
    httpBindAddress: '127.0.0.1:8091',
    authEnabled: true,
    allowedHosts: [],
    restrictUserManagement: true,
    httpsEnabled: false,
    httpsCertificate: '',
    httpsPrivateKey: '',
    httpsClientCa: '',
    httpsClientAuth: 'require',
    sharedSecret: undefined,
    internalSharedSecret: undefined,
    bcryptCost: 10,
    passwordHash: 'bcrypt',
    passwordHashRounds: 29_000,
    passwordMinLength: 1,
    adminUsername: 'admin',
    adminPassword: undefined,
  })
  expect(config.admin).toEqual({ enabled: true, bindAddress: '127.0.0.1:9094', metaNodeBindAddress: '127.0.0.1:9095', readinessNeedsUpstream: true })
  expect(config.audit).toEqual({ enabled: false, path: '' })
  expect(config.sample).toEqual({ dir: '/var/lib/kapacitor-auth/sample' })
  expect(config.warnings).toEqual([])
  expect(config).not.toHaveProperty('file')
  expect(new Set(config.origins.values())).toEqual(new Set(['default']))
})

test('the command line goes before the environment, that before the file, that before the default', () => {
  const path = file('kapacitor.conf', '[auth]\ncache-size = 2\nhash-queue = 2\nhash-threads = 2\n')
  const config = load({
    file: path,
    env: { KAPACITOR_AUTH_HASH_QUEUE: '3', KAPACITOR_AUTH_HASH_THREADS: '3' },
    overrides: { 'auth.hash-threads': '4', 'auth.meta-addr': ['a:1'], 'auth.bcrypt-cost': undefined },
  })
  expect(config.auth).toMatchObject({ bcryptCost: 10, cacheSize: 2, hashQueue: 3, hashThreads: 4 })
  expect(config.auth.metaAddr).toEqual(['a:1'])
  expect(config.file).toBe(path)
  expect(config.origins.get('auth.bcrypt-cost')).toBe('default')
  expect(config.origins.get('auth.cache-size')).toBe(`${path}:2`)
  expect(config.origins.get('auth.hash-queue')).toBe('KAPACITOR_AUTH_HASH_QUEUE')
  expect(config.origins.get('auth.hash-threads')).toBe('override auth.hash-threads')
})

test('a configuration is frozen through and through', () => {
  const config = load({ overrides: { 'auth.meta-addr': 'a:1' } })
  for (const part of [config, config.http, config.auth, config.meta, config.sample, config.warnings, config.auth.metaAddr]) {
    expect(Object.isFrozen(part)).toBe(true)
  }
})

test('loading changes nothing that it was given, and nothing given later changes it', () => {
  const overrides = Object.freeze({ 'auth.meta-addr': Object.freeze(['a:1 ']) })
  const env = Object.freeze({ KAPACITOR_HTTP_LOG_ENABLED: 'f' })
  const first = load({ env, overrides })
  const second = load({ env, overrides })
  expect(first).toEqual(second)
  expect(first.auth.metaAddr).not.toBe(second.auth.metaAddr)
})

test('an empty directory is the default one', () => {
  const config = loadToml('[meta]\ndir = ""\n[sample]\ndir = "here"\n', { platform: { name: 'linux', isRoot: true } })
  expect(config.meta.dir).toBe('/var/lib/kapacitor-auth/meta')
  expect(config.origins.get('meta.dir')).toBe('default')
  expect(config.sample.dir).toBe('here')
})

describe('the file', () => {
  test('named by the caller is read, whatever else there is', () => {
    const named = file('named.conf', '[auth]\ncache-size = 1')
    const env = { KAPACITOR_CONFIG_PATH: file('other.conf', '[auth]\ncache-size = 2') }
    expect(loadConfig({ file: named, env }).auth.cacheSize).toBe(1)
  })

  test('named by KAPACITOR_CONFIG_PATH is read before the one at home', () => {
    const named = file('named.conf', '[auth]\ncache-size = 2')
    const config = loadConfig({ env: { KAPACITOR_CONFIG_PATH: named, HOME: home('[auth]\ncache-size = 3') } })
    expect(config.auth.cacheSize).toBe(2)
    expect(config.file).toBe(named)
  })

  test('at home is read otherwise, also when KAPACITOR_CONFIG_PATH is empty', () => {
    const HOME = home('[auth]\ncache-size = 3')
    const config = loadConfig({ env: { KAPACITOR_CONFIG_PATH: '', HOME } })
    expect(config.auth.cacheSize).toBe(3)
    expect(config.file).toBe(join(HOME, '.kapacitor/kapacitor.conf'))
  })

  test('at home may be missing', () => {
    expect(loadConfig({ env: { HOME: directory() } })).not.toHaveProperty('file')
  })

  test('is not read at all if it is false', () => {
    const env = { KAPACITOR_CONFIG_PATH: '/nowhere', HOME: home('[auth]\ncache-size = 3') }
    expect(loadConfig({ file: false, env }).auth.cacheSize).toBe(10_000)
  })

  test('may be empty, hold a byte order mark, and Windows line ends', () => {
    expect(loadToml('').warnings).toEqual([])
    expect(loadToml('\ufeff[auth]\r\ncache-size = 5\r\n').auth.cacheSize).toBe(5)
    expect(load({ file: '/dev/null' }).file).toBe('/dev/null')
  })

  test.each([
    // says               path                                            reason
    ['missing',           () => join(directory(), 'kapacitor.conf'),      /: the configuration file cannot be read: there is no such file$/],
    ['below a file',      () => join(file('a', ''), 'kapacitor.conf'),    /no such file/],
    ['a directory',       directory,                                      /directory/],
    ['nameless',          () => '',                                       /^"": .*no such file/],
    ['binary',            () => file('a', new Uint8Array([0x61, 0xff])),  /not UTF-8/],
    ['impossible',        () => 'a\0b',                                   /^a\\u0000b: .*cannot be read/],
  ])('is refused when it is %s', (_says, path, reason) => {
    expect(problems(() => load({ file: path() }))).toEqual([expect.stringMatching(reason)])
  })

  test('is refused when it may not be read, named or not', () => {
    const HOME = home('')
    chmodSync(join(HOME, '.kapacitor/kapacitor.conf'), 0)
    if (isRoot) process.seteuid?.(65534) // root may read everything
    try {
      expect(problems(() => loadConfig({ env: { HOME } }))).toEqual([expect.stringMatching(/permission denied/)])
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  test('at home is refused when it is a directory', () => {
    const HOME = directory()
    mkdirSync(join(HOME, '.kapacitor/kapacitor.conf'), { recursive: true })
    expect(problems(() => loadConfig({ env: { HOME } }))).toEqual([expect.stringMatching(/it is a directory/)])
  })

  test('missing, the environment is looked at nevertheless', () => {
    const lines = problems(() => load({ file: '/nowhere/k.conf', env: { KAPACITOR_AUTH_HASH_QUEUE: 'x' } }))
    expect(lines).toEqual([expect.stringMatching(/^\/nowhere/), expect.stringMatching(/^KAPACITOR_AUTH_HASH_QUEUE/)])
  })

  test('missing, nothing is said of keys that may stand in it', () => {
    const env = { KAPACITOR_HTTP_HTTPS_ENABLED: 'true' }
    expect(problems(() => load({ file: '/nowhere/k.conf', env }))).toHaveLength(1)
    expect(problems(() => loadToml('oops', { env }))).toHaveLength(1)
  })
})

describe('all problems are told at once', () => {
  const TOML = `
[http]
  https-enabled = "yes"
  bind-address = "9092"
[auth]
  bcrypt-cost = 31
  cache-expiration = 10
  meta-pasword = "hunter2"
  meta-cert = "/cert"
[meta]
  https-enabled = true
  shared-secret = "too short"
`
  const env = { KAPACITOR_AUTH_HASH_QUEUE: '0', KAPACITOR_SAMPLE_FOLDER: '/x' }
  const expected = [
    'kapacitor.conf:8: [auth] has no key "meta-pasword"; did you mean [auth] meta-password?',
    'KAPACITOR_SAMPLE_FOLDER: [sample] has no key "folder"',
    'kapacitor.conf:3: [http] https-enabled = "yes" (in quotes); expected true or false',
    'kapacitor.conf:4: [http] bind-address = "9092" (the port is missing); expected host:port, such as 127.0.0.1:9092 or :9092',
    'kapacitor.conf:6: [auth] bcrypt-cost = 31; expected a whole number from 4 to 14',
    'kapacitor.conf:7: [auth] cache-expiration = 10 (the unit is missing (ms, s, m or h)); expected a duration such as 10m or 1h30m',
    'kapacitor.conf:12: [meta] shared-secret = *** (too short); expected a text of at least 16 bytes, without NUL',
    'KAPACITOR_AUTH_HASH_QUEUE: [auth] hash-queue = "0"; expected a whole number from 1 to 100000',
    'override auth.enabled: [auth] enabled = "maybe"; expected true or false',
    'kapacitor.conf:11: [meta] https-enabled = true needs [meta] https-certificate',
    'kapacitor.conf:9: [auth] meta-cert needs its private key, [auth] meta-key',
  ]

  test('in one error, a line each', () => {
    const overrides = { 'auth.enabled': 'maybe' }
    expect(problems(() => loadToml(TOML, { env, overrides }))).toEqual(expected)
  })

  test('one that a later layer overrules, too', () => {
    const lines = problems(() => loadToml('[auth]\nbcrypt-cost = 31', { env: { KAPACITOR_AUTH_BCRYPT_COST: '10' } }))
    expect(lines).toEqual([expect.stringContaining('kapacitor.conf:2: [auth] bcrypt-cost = 31')])
  })
})

describe('overrides', () => {
  test('are texts, as on a command line, or typed', () => {
    expect(load({ overrides: { 'http.log-enabled': 'F', 'auth.bcrypt-cost': 4 } })).toMatchObject({
      http: { logEnabled: false },
      auth: { bcryptCost: 4 },
    })
  })

  test('may hold the secret of another configuration', () => {
    const { auth } = load({ overrides: { 'auth.meta-username': 'a', 'auth.meta-password': 'pa' } })
    const copy = load({ overrides: { 'auth.meta-username': 'a', 'auth.meta-password': auth.metaPassword } })
    expect(copy.auth.metaPassword?.reveal()).toBe('pa')
  })

  test.each([
    // id                   value        says
    ['auth.meta-adr',       'x',         'override auth.meta-adr: [auth] has no key "meta-adr"; did you mean auth.meta-addr?'],
    ['auth.bind-address',   'x',         'override auth.bind-address: [auth] has no key "bind-address"; did you mean http.bind-address or admin.bind-address?'],
    ['meta-addr',           'x',         'override meta-addr: no key has that name; names are such as auth.meta-addr'],
    ['influxdb.urls',       'x',         'override influxdb.urls: [http] has no key "urls"'],
    ['http.write-tracing',  true,        'override http.write-tracing: [http] has no key "write-tracing"'],
    ['auth.bcrypt-cost',    null,        'override auth.bcrypt-cost: [auth] bcrypt-cost = a table; expected a whole number from 4 to 14'],
    ['auth.enabled',        '',          'override auth.enabled: [auth] enabled = ""; expected true or false'],
    ['auth.enabled',        0,           'override auth.enabled: [auth] enabled = 0; expected true or false'],
    ['auth.__proto__',      'x',         'override auth.__proto__: [auth] has no key "__proto__"'],
    ['__proto__.enabled',   'x',         'override __proto__.enabled: no key has that name; names are such as auth.meta-addr'],
    ['.enabled',            'x',         'override .enabled: no key has that name; names are such as auth.meta-addr'],
    ['',                    'x',         'override : no key has that name; names are such as auth.meta-addr'],
  ])('%s = %j is refused', (id, value, says) => {
    expect(problems(() => load({ overrides: { [id]: value } }))).toEqual([says])
  })
})

function home(toml: string): string {
  const path = directory()
  mkdirSync(join(path, '.kapacitor'))
  writeFileSync(join(path, '.kapacitor/kapacitor.conf'), toml, { mode: 0o600 })
  return path
}
