import { describe, expect, test } from 'vitest'
import { load, loadToml, problems } from './support.js'

const LONG = 'correct horse battery staple, and more of it'

describe('values that contradict each other are refused', () => {
  test.each([
    // TOML                                                                   says
    ['[auth]\nenabled = false',                                               /^kapacitor.conf:2: .*would let everybody in.*set \[http\] auth-enabled = false$/],
    ['[http]\nauth-enabled = true\n[auth]\nenabled = false',                  /^kapacitor.conf:4: .*would let everybody in/],
    ['[http]\nhttps-enabled = true',                                          /^kapacitor.conf:2: \[http\] https-enabled = true needs \[http\] https-certificate$/],
    ['[http]\nhttps-enabled = true\nhttps-private-key = "/k"',                /^kapacitor.conf:2: \[http\] https-enabled/],
    ['[meta]\nhttps-enabled = true',                                          /^kapacitor.conf:2: \[meta\] https-enabled = true needs \[meta\] https-certificate$/],
    ['[meta]\nhttps-client-ca = "/ca"',                                       /^kapacitor.conf:2: \[meta\] https-client-ca has no effect without/],
    ['[meta]\nhttps-client-auth = "request"',                                   /^kapacitor.conf:2: \[meta\] https-client-auth = "request" needs \[meta\] https-client-ca/],
    ['[http]\nhttps-client-auth = "request"',                                   /^kapacitor.conf:2: \[http\] https-client-auth = "request" needs \[http\] https-client-ca/],
    ['[meta]\nadmin-username = ""',                                           /^kapacitor.conf:2: \[meta\] admin-username is empty/],
    ['[meta]\nstore = "etcd"',                                                /^kapacitor.conf:2: \[meta\] store = "etcd" needs \[meta\] etcd-endpoints, .*host:port/],
    ['[meta]\nstore = "etcd"\netcd-endpoints = "e:2379"\netcd-cert = "/c"',   /^kapacitor.conf:4: \[meta\] etcd-cert and etcd-key must be set together$/],
    ['[meta]\nstore = "etcd"\netcd-endpoints = "e:2379"\netcd-key = "/k"',    /^kapacitor.conf:4: \[meta\] etcd-cert and etcd-key must be set together$/],
    ['[meta]\nstore = "etcd"\netcd-endpoints = "e:2379"\netcd-username = "u"', /^kapacitor.conf:4: \[meta\] etcd-username and etcd-password must be set together$/],
    ['[meta]\nstore = "etcd"\netcd-endpoints = "e:2379"\netcd-password = "p"', /^kapacitor.conf:4: \[meta\] etcd-username and etcd-password must be set together$/],
    ['[auth]\nmeta-use-tls = true\nmeta-cert = "/c"',                         /^kapacitor.conf:3: \[auth\] meta-cert needs its private key, \[auth\] meta-key$/],
    ['[auth]\nmeta-use-tls = true\nmeta-key = "/k"',                          /^kapacitor.conf:3: \[auth\] meta-key needs its certificate, \[auth\] meta-cert$/],
    [`[meta]\nadmin-password = "kapa1_${'0a'.repeat(32)}"`,                      /^kapacitor.conf:2: \[meta\] admin-password has the form of an own token \(kapa1_ and 64 hexadecimal digits\), so nobody could sign in with it$/],
    ['[meta]\npassword-min-length = 8\nadmin-password = "1234567"',               /^kapacitor.conf:3: \[meta\] admin-password has fewer characters than \[meta\] password-min-length$/],
    ['[meta]\npassword-hash = "pbkdf2-sha1"',                                  /^kapacitor.conf:2: .*one of "bcrypt", "pbkdf2-sha256", "pbkdf2-sha512"/],
    ['[auth]\nmeta-password = "x"',                                           /^kapacitor.conf:2: \[auth\] meta-password needs \[auth\] meta-username$/],
    ['[auth]\nmeta-timeout = "1s"',                                           /^kapacitor.conf:2: \[auth\] meta-attempt-timeout .* longer/],
    ['[auth]\nmeta-attempt-timeout = "6s"',                                   /^kapacitor.conf:2: \[auth\] meta-attempt-timeout .* longer/],
  ])('%j', (toml, says) => {
    expect(problems(() => loadToml(toml))).toEqual([expect.stringMatching(says)])
  })

  test('but not guessed at where a value is wrong already', () => {
    const lines = problems(() => loadToml('[http]\nhttps-enabled = true\nhttps-certificate = 1'))
    expect(lines).toEqual([expect.stringContaining('https-certificate = 1')])
  })
})

describe('two listeners of one process on one address are refused, and both keys named', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    // says                             settings                                                                                            says
    ['the API and the meta node',       { 'http.bind-address': '127.0.0.1:8091' },                                                          /^\[meta\] http-bind-address is the same address as \[http\] bind-address; each needs its own$/],
    ['the API and the admin listener',  { 'http.bind-address': '127.0.0.1:9094' },                                                          /\[admin\] bind-address .* \[http\] bind-address;/],
    ['both APIs',                       { 'gateway.influxdb-url': 'http://influxdb:8086', 'influxdb.bind-address': ':9092', 'http.bind-address': ':9092' }, /influxdb.conf: \[http\] bind-address .* \[http\] bind-address;/],
    ['InfluxDB\'s API and the meta node', { 'gateway.influxdb-url': 'http://influxdb:8086', 'influxdb.bind-address': '127.0.0.1:8091' },     /\[meta\] http-bind-address .* influxdb.conf: \[http\] bind-address;/],
    ['both of meta-node',               { 'admin.meta-node-bind-address': '127.0.0.1:8091' },                                               /\[admin\] meta-node-bind-address .* \[meta\] http-bind-address;/],
    ['both of meta-node, beside serve', { 'admin.meta-node-bind-address': '127.0.0.1:8091', 'auth.meta-addr': 'localhost:8091' },           /\[admin\] meta-node-bind-address .* \[meta\] http-bind-address;/],
    ['every interface, and one',        { 'http.bind-address': ':8091' },                                                                   /\[meta\] http-bind-address/],
    ['one, and every interface',        { 'http.bind-address': '127.0.0.1:8091', 'meta.http-bind-address': '0.0.0.0:8091' },                /\[meta\] http-bind-address/],
    ['every interface of IPv6, and one', { 'http.bind-address': '[::]:8091' },                                                              /\[meta\] http-bind-address/],
    ['localhost, and its address',      { 'http.bind-address': 'localhost:8091' },                                                          /\[meta\] http-bind-address/],
    ['localhost, and that of IPv6',     { 'http.bind-address': '[::1]:8091', 'meta.http-bind-address': 'LocalHost:8091' },                  /\[meta\] http-bind-address/],
    ['names in another case',           { 'http.bind-address': 'A.example:1', 'meta.http-bind-address': 'a.Example:1' },                    /\[meta\] http-bind-address/],
  ])('%s', (_says, overrides, says) => {
    const lines = problems(() => load({ overrides }))
    expect(lines.map((line) => line.replace(/^.*?: (?=\[|influxdb)/, ''))).toEqual([expect.stringMatching(says)])
  })

  test.each<[string, Record<string, string>]>([
    ['another port',                        { 'http.bind-address': '127.0.0.1:8092' }],
    ['another address',                     { 'http.bind-address': '127.0.0.2:8091' }],
    ['another name',                        { 'http.bind-address': 'a:1', 'meta.http-bind-address': 'b:1' }],
    ['any free port',                       { 'http.bind-address': '127.0.0.1:0', 'meta.http-bind-address': '127.0.0.1:0', 'admin.bind-address': ':0', 'admin.meta-node-bind-address': ':0' }],
    ['a meta node that is not embedded',    { 'http.bind-address': '127.0.0.1:8091', 'auth.meta-addr': 'localhost:8091' }],
    ['an admin listener that is off',       { 'http.bind-address': '127.0.0.1:9094', 'admin.enabled': 'false' }],
    ['InfluxDB\'s API, which is not served', { 'http.bind-address': ':8086', 'influxdb.bind-address': ':8086' }],
    ['the admin listeners of two commands', { 'admin.bind-address': ':1', 'admin.meta-node-bind-address': ':1' }],
  ])('not %s', (_says, overrides) => {
    expect(() => load({ overrides })).not.toThrow()
  })
})

describe('values that fit together are not', () => {
  test.each([
    ['[http]\nhttps-enabled = true\nhttps-certificate = "/c"'],
    ['[http]\nhttps-certificate = "/etc/ssl/kapacitor.pem"'],
    ['[meta]\nhttps-enabled = true\nhttps-certificate = "/c"\nhttps-client-ca = "/ca"'],
    ['[meta]\nhttps-enabled = true\nhttps-certificate = "/c"\nhttps-client-ca = "/ca"\nhttps-client-auth = "request"'],
    ['[auth]\nmeta-use-tls = true\nmeta-cert = "/c"\nmeta-key = "/k"'],
    ['[auth]\nmeta-username = "a"\nmeta-password = "x"'],
    ['[meta]\nstore = "etcd"\netcd-endpoints = "e1:2379,e2:2379"\netcd-ca = "/ca"\netcd-cert = "/c"\netcd-key = "/k"\netcd-username = "u"\netcd-password = "p"'],
    ['[meta]\nstore = "etcd"\netcd-endpoints = ["127.0.0.1:2379"]\netcd-use-tls = false'],
    ['[auth]\nmeta-username = "a"'],
    ['[auth]\nmeta-timeout = "2s"'],
    [`[http]\nshared-secret = "${LONG}"`],
    [`[auth]\nmeta-addr = "meta:8091"\nmeta-use-tls = true\nmeta-internal-shared-secret = "${LONG}"`],
    [`[auth]\nmeta-addr = "localhost:8091,127.0.0.2:1,[::1]:1"\nmeta-username = "a"`],
    ['[auth]\nmeta-addr = "meta:8091"'],
    ['[gateway]\ntrusted-proxies = "10.0.0.0/8, 172.16.0.0/12, fc00::/7, 0.0.0.0, ::"'],
  ])('%j', (toml) => {
    expect(loadToml(toml).warnings).toEqual([])
  })
})

describe('what is dangerous is warned of', () => {
  test.each([
    // TOML                                                                       warning
    ['[http]\nauth-enabled = false',                                              /^\S+:2: Authentication is OFF: everybody who can/],
    ['[http]\nauth-enabled = false\n[auth]\nenabled = false',                     /^\S+:2: Authentication is OFF: everybody who can/],
    ['[meta]\nauth-enabled = false',                                              /^\S+:2: The embedded meta node's authentication is OFF/],
    ['[meta]\netcd-endpoints = "e:2379"',                                         /^\S+:2: .*no effect without \[meta\] store = "etcd"$/],
    ['[meta]\nstore = "lmdb"\netcd-username = "u"\netcd-password = "p"',          /^\S+:3: .*no effect without \[meta\] store = "etcd"$/],
    ['[meta]\nstore = "etcd"\netcd-endpoints = "e:2379"\netcd-use-tls = false',   /^\S+:4: Users and password hashes travel to etcd unencrypted/],
    ['[meta]\nstore = "etcd"\netcd-endpoints = "[::1]:2379"\netcd-use-tls = false\netcd-ca = "/ca"', /^\S+:5: .*no effect while \[meta\] etcd-use-tls = false$/],
    ['[auth]\nmeta-insecure-skip-verify = true',                                  /^\S+:2: .*certificates are not verified/],
    ['[auth]\nmeta-ca = "/ca"',                                                   /^\S+:2: .*no effect while \[auth\] meta-use-tls = false$/],
    ['[auth]\nmeta-cert = "/c"\nmeta-key = "/k"',                                 /^\S+:2: .*no effect while \[auth\] meta-use-tls = false$/],
    [`[auth]\nmeta-username = "a"\nmeta-internal-shared-secret = "${LONG}"`,      /^\S+:3: .*meta-username is not used/],
    ['[auth]\nmeta-addr = "meta:8091"\nmeta-username = "a"',                      /^\S+:2: Credentials travel .* unencrypted/],
    ['[auth]\nmeta-addr = "[::1]:1,10.0.0.1:1"\nmeta-username = "a"',             /^\S+:2: Credentials travel .* unencrypted/],
    [`[auth]\nmeta-addr = "meta:8091"\nmeta-internal-shared-secret = "${LONG}"`,  /^\S+:2: Credentials travel .* unencrypted/],
    ['[gateway]\ntrusted-proxies = "0.0.0.0/0"',                                  /^\S+:2: \[gateway\] trusted-proxies includes most addresses .*not limited/],
    ['[gateway]\ntrusted-proxies = "10.0.0.7, 128.0.0.0/1"',                      /^\S+:2: \[gateway\] trusted-proxies includes most addresses/],
    ['[gateway]\ntrusted-proxies = "::/0"',                                       /^\S+:2: \[gateway\] trusted-proxies includes most addresses/],
    ['[http]\nshared-secret = "my super secret pass phrase"',                     /^\S+:2: \[http\] shared-secret is short: 32/],
    ['[http]\nshared-secret = "MYSUPERSECRETPASSPHRASE"',                         /^\S+:2: \[http\] shared-secret is short: 32/],
    ['[http]\nshared-secret = "1234567890123456789012345678901"',                 /^\S+:2: \[http\] shared-secret is short: 32/],
    ['[auth]\nmeta-internal-shared-secret = "1234567890123456"',                  /^\S+:2: \[auth\] meta-internal-shared-secret is short/],
    ['[meta]\nshared-secret = "1234567890123456"',                                /^\S+:2: \[meta\] shared-secret is short/],
    ['[meta]\ninternal-shared-secret = "1234567890123456"',                       /^\S+:2: \[meta\] internal-shared-secret is short/],
  ])('%j', (toml, says) => {
    expect(loadToml(toml).warnings).toEqual([expect.stringMatching(says)])
  })
})
