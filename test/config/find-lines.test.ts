import { expect, test } from 'vitest'
import { findLines } from '../../src/config/sources/find-lines.js'

const TOML = `# [auth]
hostname = "x"
[http] # the server
  bind-address = ":9092"
[ "auth" ]
\t'meta-addr'="x"
# bcrypt-cost = 1
  "bcrypt-cost"  =  10
meta.addr = 1
text = """
cache-size = 1
"""
cache-size = 2
[[influxdb]]
enabled = true
[auth.deeper]
hash-queue = 1
[meta]\r
dir = "x"\r
`

test.each([
  // name                     line
  ['http',                    3],
  ['http.bind-address',       4],
  ['auth',                    5],
  ['auth.meta-addr',          6],
  ['auth.bcrypt-cost',        8],
  ['meta',                    18],
  ['meta.dir',                19],
  ['auth.meta',               undefined],
  ['auth.cache-size',         undefined],
  ['auth.enabled',            undefined],
  ['auth.deeper',             16],
  ['auth.hash-queue',         undefined],
  ['influxdb.enabled',        undefined],
  ['hostname',                2],
  ['__proto__',               undefined],
])('%s is in line %s', (name, line) => {
  expect(findLines(TOML).get(name)).toBe(line)
})
