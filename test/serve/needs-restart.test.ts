import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { changedKeys } from '../../src/serve/reload/changed-keys.js'
import { needRestart, withoutRestart } from '../../src/serve/reload/needs-restart.js'

const load = (overrides: Record<string, string>) => loadConfig({ file: false, env: {}, overrides })

test.each<[string, Record<string, string>, string[], string[]]>([
  // says                    overrides                                                        changed                         need a restart
  ['nothing',                {},                                                              [],                             []],
  ['a secret',               { 'http.shared-secret': 'another secret of 32 bytes ....' },      ['http.shared-secret'],         []],
  ['what is guarded',        { 'gateway.kapacitor-url': 'http://127.0.0.1:1' },                ['gateway.kapacitor-url'],      []],
  ['where it listens',       { 'http.bind-address': '127.0.0.1:1' },                           ['http.bind-address'],          ['http.bind-address']],
  ['client certificates',    { 'http.https-client-auth': 'request', 'http.https-client-ca': 'x', 'http.https-enabled': 'true', 'http.https-certificate': 'y' },
                                                                                              ['http.https-enabled', 'http.https-certificate', 'http.https-client-ca', 'http.https-client-auth'], ['http.https-enabled', 'http.https-certificate', 'http.https-client-ca', 'http.https-client-auth']],
  ['a timeout',              { 'http.body-timeout': '1s' },                                    ['http.body-timeout'],          ['http.body-timeout']],
  ['the meta node',          { 'meta.bcrypt-cost': '4' },                                      ['meta.bcrypt-cost'],           ['meta.bcrypt-cost']],
  ['whose meta node',        { 'auth.meta-addr': 'a:1' },                                      ['auth.meta-addr'],             ['auth.meta-addr']],
  ['and how it is asked',    { 'auth.meta-addr': 'a:1', 'auth.meta-username': 'u', 'auth.meta-timeout': '9s' }, ['auth.meta-addr', 'auth.meta-username', 'auth.meta-timeout'], ['auth.meta-addr', 'auth.meta-username', 'auth.meta-timeout']],
  ['threads that it shares', { 'auth.hash-threads': '3' },                                     ['auth.hash-threads'],          ['auth.hash-threads']],
  ['readiness',              { 'admin.readiness-needs-upstream': 'false' },                    ['admin.readiness-needs-upstream'], []],
  ['the admin listener',     { 'admin.bind-address': ':1' },                                   ['admin.bind-address'],         ['admin.bind-address']],
  ['the same in words',      { 'auth.bcrypt-cost': '10', 'auth.cache-expiration': '600s' },    [],                             []],
])('%s', (_says, overrides, changed, restart) => {
  const before = load({})
  const after = load(overrides)
  expect(changedKeys(before, after)).toEqual(changed)
  expect(needRestart(before, after)).toEqual(restart)
})

const WORKERS = { 'http.workers': '2' }
const URL = { 'gateway.kapacitor-url': 'http://127.0.0.1:1' }
test.each<[string, Record<string, string>, Record<string, string>, string[]]>([
  // says                                          before                    after                     need a restart
  ['the sample API in the place of a gateway',     URL,                      {},                       []],
  ['the same, where two processes serve it',       { ...URL, ...WORKERS },   WORKERS,                  ['gateway.kapacitor-url']],
  ['another gateway, where two processes do',      { ...URL, ...WORKERS },   { ...WORKERS, 'gateway.kapacitor-url': 'http://127.0.0.1:2' }, []],
  ['other meta nodes in place of others',          { 'auth.meta-addr': 'a:1' }, { 'auth.meta-addr': 'b:1', 'auth.meta-username': 'u' }, []],
])('%s', (_says, before, after, restart) => {
  expect(needRestart(load(before), load(after))).toEqual(restart)
})

test('a secret of the same text has not changed', () => {
  const config = () => load({ 'http.shared-secret': 'the very same secret, 32 bytes..' })
  expect(changedKeys(config(), config())).toEqual([])
})

test('A2: what waits for a restart keeps its old value, and all else is new', () => {
  const before = load({ 'auth.meta-addr': 'a:1', 'auth.meta-username': 'u', 'auth.meta-password': 'p', 'http.body-timeout': '1s' })
  const after = load({ 'auth.cache-size': '7', 'http.body-timeout': '2s', 'http.max-body-size': '8' })
  const inForce = withoutRestart(before, after)
  expect(inForce.auth.metaAddr).toEqual(['a:1'])
  expect([inForce.auth.metaUsername, inForce.auth.metaPassword?.reveal()]).toEqual(['u', 'p'])
  expect([inForce.http.bodyTimeout, inForce.http.maxBodySize, inForce.auth.cacheSize]).toEqual([1_000, 8, 7])
  expect(inForce.origins.get('auth.meta-addr')).toBe(before.origins.get('auth.meta-addr'))
  expect(changedKeys(after, inForce)).toEqual(needRestart(before, after))
  expect([inForce, inForce.auth, inForce.http].every(Object.isFrozen)).toBe(true)
  expect(changedKeys(after, load({ 'auth.cache-size': '7', 'http.body-timeout': '2s', 'http.max-body-size': '8' }))).toEqual([]) // left alone
})
