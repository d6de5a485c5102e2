import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load-config.js'
import { changedKeys } from '../../src/serve/changed-keys.js'
import { needRestart } from '../../src/serve/needs-restart.js'

const load = (overrides: Record<string, string>) => loadConfig({ file: false, env: {}, overrides })

test.each<[string, Record<string, string>, string[], string[]]>([
  // says                    overrides                                                        changed                         need a restart
  ['nothing',                {},                                                              [],                             []],
  ['a secret',               { 'http.shared-secret': 'another secret of 32 bytes ....' },      ['http.shared-secret'],         []],
  ['what is guarded',        { 'gateway.kapacitor-url': 'http://127.0.0.1:1' },                ['gateway.kapacitor-url'],      []],
  ['where it listens',       { 'http.bind-address': '127.0.0.1:1' },                           ['http.bind-address'],          ['http.bind-address']],
  ['a timeout',              { 'http.body-timeout': '1s' },                                    ['http.body-timeout'],          ['http.body-timeout']],
  ['the meta node',          { 'meta.bcrypt-cost': '4' },                                      ['meta.bcrypt-cost'],           ['meta.bcrypt-cost']],
  ['whose meta node',        { 'auth.meta-addr': 'a:1' },                                      ['auth.meta-addr'],             ['auth.meta-addr']],
  ['threads that it shares', { 'auth.hash-threads': '3' },                                     ['auth.hash-threads'],          ['auth.hash-threads']],
  ['the same in words',      { 'auth.bcrypt-cost': '10', 'auth.cache-expiration': '600s' },    [],                             []],
])('%s', (_says, overrides, changed, restart) => {
  const before = load({})
  const after = load(overrides)
  expect(changedKeys(before, after)).toEqual(changed)
  expect(needRestart(before, after)).toEqual(restart)
})

test('a secret of the same text has not changed', () => {
  const config = () => load({ 'http.shared-secret': 'the very same secret, 32 bytes..' })
  expect(changedKeys(config(), config())).toEqual([])
})

test('other meta nodes in place of others need no restart', () => {
  expect(needRestart(load({ 'auth.meta-addr': 'a:1' }), load({ 'auth.meta-addr': 'b:1' }))).toEqual([])
})
