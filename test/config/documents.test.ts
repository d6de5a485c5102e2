import { expect, test } from 'vitest'
import { INFLUXDB_DOCUMENT, load, loadToml, problems } from './support.js'

/** The document's block for a shell, as printed. */
const ENVIRONMENT = `
export KAPACITOR_HTTP_AUTH_ENABLED=true
export KAPACITOR_AUTH_ENABLED=true
export KAPACITOR_AUTH_CACHE_EXPIRATION=1h
export KAPACITOR_AUTH_BCRYPT_COST=4
export KAPACITOR_AUTH_META_ADDR=172.17.0.2:8091
export KAPACITOR_AUTH_META_USERNAME=example-username
export KAPACITOR_AUTH_META_PASSWORD=example-password
export KAPACITOR_AUTH_META_USE-tls=true
export KAPACITOR_AUTH_META_CA=/path/to/cert.ca
export KAPACITOR_AUTH_META_CERT=/path/to/cert.cert
export KAPACITOR_AUTH_META_KEY=/path/to/cert.key
export KAPACITOR_AUTH_META_INSECURE_SKIP_VERIFY=false
`

/** The document's block for `kapacitor.conf`, as printed. */
const TOML = `
[http]
  # ...
  auth-enabled = true

[auth]
  enabled = true
  cache-expiration = "1h"
  bcrypt-cost = 4
  meta-addr = " 172.17.0.2:8091:8091"
  meta-username = "example-influxdb-username"
  meta-password = "example-influxdb-password"
  meta-use-tls = true
  meta-ca = "/path/to/cert.ca"
  meta-cert = "/path/to/cert.cert"
  meta-key = "/path/to/cert.key"
  meta-insecure-skip-verify = false

# ...
`

const EXPECTED = {
  enabled: true,
  cacheExpiration: 3_600_000,
  bcryptCost: 4,
  metaAddr: ['172.17.0.2:8091'],
  metaUseTls: true,
  metaCa: '/path/to/cert.ca',
  metaCert: '/path/to/cert.cert',
  metaKey: '/path/to/cert.key',
  metaInsecureSkipVerify: false,
}

test("the document's environment works as printed", () => {
  const lines = ENVIRONMENT.trim().split('\n').map((line) => line.replace('export ', '').split('='))
  const config = load({ env: Object.fromEntries(lines) })
  expect(config.auth).toMatchObject({ ...EXPECTED, metaUsername: 'example-username' })
  expect(config.auth.metaPassword?.reveal()).toBe('example-password')
  expect(config.warnings).toEqual([])
})

test("the document's kapacitor.conf is refused for one thing only, the address with two ports", () => {
  expect(problems(() => loadToml(TOML))).toEqual([
    'kapacitor.conf:10: [auth] meta-addr = " 172.17.0.2:8091:8091" (it has two ports); expected host:port, such as 127.0.0.1:8091; several separated by commas',
  ])
})

test("with that put right, even with the space, the document's kapacitor.conf works", () => {
  const config = loadToml(TOML.replace(':8091:8091', ':8091'))
  expect(config.auth).toMatchObject({ ...EXPECTED, metaUsername: 'example-influxdb-username' })
  expect(config.auth.metaPassword?.reveal()).toBe('example-influxdb-password')
  expect(config.warnings).toEqual([])
})

test("the documents' example secrets are accepted", () => {
  const secret = 'my super secret pass phrase'
  expect(loadToml(`[http]\nshared-secret = "${secret}"`).http.sharedSecret?.reveal()).toBe(secret)
  const env = { KAPACITOR_HTTP_SHARED_SECRET: 'MYSUPERSECRETPASSPHRASE' }
  expect(load({ env }).http.sharedSecret?.reveal()).toBe('MYSUPERSECRETPASSPHRASE')
})

test("InfluxDB's example of [http] is accepted", () => {
  const config = loadToml(INFLUXDB_DOCUMENT)
  expect(config.http).toMatchObject({ bindAddress: ':8086', httpsEnabled: true, pingAuthEnabled: true })
})

test('a whole kapacitor.conf of a running Kapacitor is accepted', () => {
  const config = loadToml(KAPACITOR_CONF)
  expect(config.http).toMatchObject({ authEnabled: false, bindAddress: ':9092', httpsCertificate: '/etc/ssl/kapacitor.pem' })
  expect(config.http.sharedSecret).toBeUndefined()
  expect(config.warnings).toEqual([expect.stringContaining(':9: Authentication is OFF')])
})

const KAPACITOR_CONF = `
hostname = "alerts-1"
data_dir = "/srv/kapacitor"
skip-config-overrides = false
default-retention-policy = ""

[http]
  bind-address = ":9092"
  auth-enabled = false
  log-enabled = true
  write-tracing = false
  pprof-enabled = false
  https-enabled = false
  https-certificate = "/etc/ssl/kapacitor.pem"
  https-private-key = ""
  shutdown-timeout = "10s"
  shared-secret = ""

[auth]
  enabled = false
  cache-expiration = "10m0s"
  bcrypt-cost = 10
  meta-addr = ""
  meta-username = ""
  meta-password = ""
  meta-use-tls = false
  meta-ca = ""
  meta-cert = ""
  meta-key = ""
  meta-insecure-skip-verify = false

[tls]
  min-version = "tls1.2"
  ciphers = ["TLS_AES_128_GCM_SHA256"]

[config-override]
  enabled = true

[logging]
  file = "STDERR"
  level = "INFO"

[load]
  enabled = false
  dir = "/srv/kapacitor/load"

[replay]
  dir = "/srv/kapacitor/replay"

[task]
  dir = "/srv/kapacitor/tasks"
  snapshot-interval = "1m0s"

[storage]
  boltdb = "/srv/kapacitor/kapacitor.db"

[deadman]
  global = false
  threshold = 0.0
  id = "node 'NODE_NAME' in task '{{ .TaskName }}'"
  message = "{{ .ID }} is {{ if eq .Level \\"OK\\" }}alive{{ else }}dead{{ end }}"

[[influxdb]]
  enabled = true
  default = true
  name = "main"
  urls = ["https://influx-1:8086", "https://influx-2:8086"]
  username = "kapacitor"
  password = "x"
  timeout = 0
  http-port = 0
  [influxdb.subscriptions]
    telegraf = ["autogen", "long"]
  [influxdb.excluded-subscriptions]

[[influxdb]]
  name = "second"
  urls = []

[kubernetes]
  enabled = false
  api-servers = []

[smtp]
  enabled = true
  host = "localhost"
  port = 25
  to = ["oncall@example.org"]
  idle-timeout = "30s"

[[httppost]]
  endpoint = "ops"
  url = "http://ops.example.org/alert"
  headers = { "X-Team" = "ops", Authorization = "Bearer x" }
  alert-template = """
[auth]
enabled = true
"""

[[slack]]
  enabled = false
  workspace = "ops.slack.com"

[snmptrap]
  enabled = false
  addr = "localhost:162"
  retries = 1

[stats]
  enabled = true
  stats-interval = "10s"

[udf]
[udf.functions]
  [udf.functions.average]
    prog = "/usr/bin/python3"
    args = ["-u", "/srv/average.py"]
    timeout = "10s"
    [udf.functions.average.env]
      PYTHONPATH = "/srv/agent"

[[udp]]
  enabled = false
  bind-address = ":9100"

[collectd]
  enabled = false
  bind-address = ":25826"
`
