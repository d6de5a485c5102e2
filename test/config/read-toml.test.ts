import { describe, expect, test } from 'vitest'
import { file, load, loadToml, problems } from './support.js'

test.each([
  // says                            TOML                                              refused as
  ['a boolean in quotes',            '[auth]\nenabled = "true"',                       ':2: [auth] enabled = "true" (in quotes); expected true or false'],
  ['a number in quotes',             '[auth]\nhash-queue = "5"',                       ':2: [auth] hash-queue = "5" (in quotes); expected a whole number'],
  ['a text without quotes',          '[auth]\nmeta-username = 5',                      ':2: [auth] meta-username = 5 (without quotes); expected a user name'],
  ['a duration without unit',        '[auth]\ncache-expiration = 3600',                ':2: [auth] cache-expiration = 3600 (the unit is missing (ms, s, m or h)); expected a duration'],
  ['a duration without unit, quoted', '[auth]\ncache-expiration = "3600"',             ':2: [auth] cache-expiration = "3600" (the unit is missing (ms, s, m or h))'],
  ['a duration in days',             '[auth]\ncache-expiration = "1d"',                ':2: [auth] cache-expiration = "1d" (days and weeks are not accepted; write hours)'],
  ['a negative duration',            '[auth]\ncache-expiration = "-1h"',               ':2: [auth] cache-expiration = "-1h" (it is negative)'],
  ["the document's address",         '[auth]\nmeta-addr = " 172.17.0.2:8091:8091"',    ':2: [auth] meta-addr = " 172.17.0.2:8091:8091" (it has two ports); expected host:port'],
  ['a wrong address among others',   '[auth]\nmeta-addr = ["a:1", "b"]',               ':2: [auth] meta-addr = ["a:1", "b"] ("b": the port is missing)'],
  ['an address twice',               '[auth]\nmeta-addr = ["a:1", "a:1"]',             ':2: [auth] meta-addr = ["a:1", "a:1"] ("a:1" is there twice)'],
  ['a URL',                          '[auth]\nmeta-addr = "https://m:8091"',           ':2: [auth] meta-addr = "https://m:8091" (without http:// or https://; meta-use-tls switches TLS on)'],
  ['a number that is too great',     '[auth]\ncache-size = 9223372036854775807',       ':2: [auth] cache-size = 9223372036854775807; expected'],
  ['a table for a value',            '[auth.cache-size]\nx = 1',                       ':1: [auth] cache-size = a table; expected'],
  ['an inline table',                'auth = { cache-size = 0 }',                      ': [auth] cache-size = 0; expected'],
  ['a dotted key',                   'auth.cache-size = 0',                            ': [auth] cache-size = 0; expected'],
  ['a line break in a value',        '[auth]\nmeta-ca = "a\\nb"',                      ':2: [auth] meta-ca = "a\\nb" (there is a control character in it); expected a path'],
  ['a key that is misspelt',         '[auth]\nbcryptcost = 4',                         ':2: [auth] has no key "bcryptcost"; did you mean [auth] bcrypt-cost?'],
  ['an underscore',                  '[auth]\nbcrypt_cost = 4',                        ':2: [auth] has no key "bcrypt_cost"; did you mean [auth] bcrypt-cost?'],
  ['capitals',                       '[auth]\nBcrypt-Cost = 4',                        ':2: [auth] has no key "Bcrypt-Cost"; did you mean [auth] bcrypt-cost?'],
  ["the environment's alias",        '[auth]\nbcrypt = 4',                             ':2: [auth] has no key "bcrypt"'],
  ["another section's key",          '[http]\ncache-size = 4',                         ':2: [http] has no key "cache-size"; did you mean [auth] cache-size?'],
  ["two other sections' key",        '[auth]\nhttps-enabled = true',                   ':2: [auth] has no key "https-enabled"; did you mean [http] https-enabled or [meta] https-enabled?'],
  ["[http]'s foreign key elsewhere", '[auth]\nwrite-tracing = true',                   ':2: [auth] has no key "write-tracing"'],
  ['a key like nothing',             '[sample]\n"a b\\n" = 1',                         ': [sample] has no key "a b\\n"'],
  ['not a section',                  'auth = true',                                    ':1: auth must be a section, written [auth]'],
  ['a section that is a text',       'http = "127.0.0.1:9092"',                        ':1: http must be a section, written [http]'],
  ['a section that is a date',       'meta = 2020-01-01',                              ':1: meta must be a section, written [meta]'],
  ['a section that is a list',       'meta = [1]',                                     ':1: [[meta]] must be written [meta]: there is only one'],
  ['several of a section',           '[[auth]]\nenabled = false',                      ': [[auth]] must be written [auth]: there is only one'],
  ['a section in capitals',          '[AUTH]\nenabled = false',                        ':1: [AUTH] must be written [auth]'],
  ['a section with a capital',       '[Http]\nauth-enabled = false',                   ':1: [Http] must be written [http]'],
  ['a prototype as key',             '[auth]\n__proto__ = 1',                          ':2: [auth] has no key "__proto__"'],
  ['a prototype as table',           '[auth.__proto__]\nenabled = false',              ':1: [auth] has no key "__proto__"'],
  ['a constructor as key',           '[auth]\nconstructor = 1',                        ':2: [auth] has no key "constructor"'],
  ['what every object has',          '[meta]\ntoString = 1',                           ':2: [meta] has no key "toString"'],
  ['a text that does not end',       '[auth]\n\nmeta-username = "a',                   ':3:17: unfinished string'],
  ['a key without a value',          '[auth]\nenabled =\n',                            ':2:10: invalid value'],
  ['a key twice',                    '[auth]\nenabled = true\nenabled = true',         ':3:1: trying to redefine an already defined table or value'],
  ['a section twice',                '[auth]\n[http]\n[auth]',                         ':3:2: trying to redefine an already defined table or value'],
  ['bare words',                     '[auth]\nenabled = yes',                          ':2:11: invalid value'],
  ['no TOML at all',                 '<html>',                                         ':1:'],
  ['an impossible date',             'x = 2020-99-99T00:00:00Z',                       ':1:'],
])('%s is refused', (_says, toml, says) => {
  const lines = problems(() => loadToml(toml))
  expect(lines).toHaveLength(1)
  expect(lines[0]?.startsWith(`kapacitor.conf${says}`) ? says : lines[0]).toBe(says)
})

test.each([
  // says                       toml                                      problem
  ['a misspelt section',        '[auht]\nmeta-addr = "a:1"',              ':1: there is no section [auht]; did you mean [auth]?'],
  ['a list of them',            '[[htp]]\nbind-address = 5\n[auth]',       undefined],
  ['another',                   '\n[gatway]\nkapacitor-url = "secret"',    ':2: there is no section [gatway]; did you mean [gateway]?'],
  ['a key before all sections', 'meta-password = "secret"\n[auth]',        ':1: meta-password stands before all sections; it belongs below [auth]'],
  ['one of several sections',   'bind-address = ":1"',                    ':1: bind-address stands before all sections; it belongs below [http] or [admin]'],
])('%s is pointed out', (_says, toml, problem) => {
  if (problem === undefined) return expect(() => loadToml(toml)).not.toThrow()
  expect(problems(() => loadToml(toml))).toEqual([`kapacitor.conf${problem}`])
})

describe('what is not ours is accepted', () => {
  test.each([
    ['an unknown section',             '[telegram]\nenabled = true\ntoken = "x"'],
    ['a section that is almost ours',  '[htp]\nport = 5'],
    ['a value that is almost ours',    'htp = 5'],
    ['a list of sections',             '[[influxdb]]\nname = "a"\n[[influxdb]]\nname = "b"'],
    ['keys before all sections',       'hostname = "x"\ndata_dir = "/x"'],
    ['a very great number',            '[stats]\nx = 9223372036854775807'],
    ['a prototype as section',         '[__proto__]\nenabled = false\n[__proto__.auth]\nenabled = false'],
    ['a constructor as section',       '[constructor]\n[constructor.prototype]\nenabled = false'],
    ["Kapacitor's keys in [http]",     '[http]\nwrite-tracing = true\npprof-auth-enabled = true\naccess-log-status-filters = ["5xx"]'],
    ["InfluxDB's keys in [http]",      '[http]\nenabled = true\nrealm = "x"\nmax-row-limit = 0\nunix-socket-enabled = false'],
  ])('%s', (_says, toml) => {
    const { http, auth, meta, sample } = loadToml(toml)
    expect({ http, auth, meta, sample }).toEqual(sections())
    expect(({} as { enabled?: boolean }).enabled).toBeUndefined()
  })
})

test('a file is called in messages as it was named', () => {
  const path = file('a\nb.conf', '[auth]\nenabled = 1')
  try {
    load({ file: path })
  } catch (error) {
    expect((error as Error).message).toBe(`${path.replace('\n', '\\u000a')}:2: [auth] enabled = 1; expected true or false`)
  }
  expect.assertions(1)
})

function sections() {
  const { http, auth, meta, sample } = load()
  return { http, auth, meta, sample }
}
