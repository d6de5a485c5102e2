import { bindAddress } from '../kinds/address-kinds.js'
import { boolean, integer, path, textKind } from '../kinds/kinds.js'
import { secret } from '../kinds/secret-kind.js'
import { CERTIFICATE_KEYS } from '../sections/https-keys.js'
import { SHORTEST_SHARED_SECRET } from '../sections/limits.js'
import { key } from '../sections/section-key.js'

/** What a quoted string of a challenge can hold as it stands (RFC 9110 §5.6.4). */
const realm = textKind({
  expected: 'a text of visible ASCII characters and spaces, without " and \\',
  problem: (text) => (/^[ !#-[\]-~]*$/.test(text) ? undefined : ''),
})

/** `[http]` of `influxdb.conf`: the server that InfluxDB's callers see. Names and meaning are InfluxDB's own. */
export const INFLUXDB = {
  help: "The HTTP server for InfluxDB's clients. It is started when [gateway] influxdb-url is set.",
  keys: {
    enabled: key(boolean, true, 'Whether to start this server.'),
    'bind-address': key(
      bindAddress(),
      '127.0.0.1:8086',
      'The address to listen on. ":8086" is every interface, "[::1]:8086" an IPv6 address, port 0 any free port.',
    ),
    'auth-enabled': key(
      boolean,
      true,
      'Whether clients must authenticate. When false, everybody is an administrator.',
    ),
    realm: key(realm, 'InfluxDB', 'The realm that the challenge of a 401 names.'),
    'log-enabled': key(boolean, true, 'Whether to write every request to the access log.'),
    'access-log-path': key(
      path,
      '',
      'The file of the access log, reopened at SIGHUP. When empty, standard error.',
    ),
    ...CERTIFICATE_KEYS,
    'shared-secret': key(
      secret({ min: SHORTEST_SHARED_SECRET }),
      '',
      'The secret that signs bearer tokens (JWT). When empty, no bearer token is accepted. 32 bytes or more are recommended.',
    ),
    'ping-auth-enabled': key(
      boolean,
      false,
      'Whether /ping, /status, /health and /metrics need credentials.',
    ),
    'pprof-enabled': key(
      boolean,
      true,
      'Whether /debug/pprof is forwarded. When false, it is 404.',
    ),
    'pprof-auth-enabled': key(
      boolean,
      true,
      'Whether /debug and below is for administrators only. When false, it is open to everybody.',
    ),
    'debug-pprof-enabled': key(
      boolean,
      false,
      'Has no effect, and true is a warning: InfluxDB itself serves profiles on port 6060.',
    ),
    'prom-read-auth-enabled': key(
      boolean,
      true,
      'Has no effect, and false is a warning: remote read always needs READ on the database.',
    ),
    'max-body-size': key(
      integer(0, Number.MAX_SAFE_INTEGER),
      25_000_000,
      'The maximum size of a request body, in bytes. 0 sets no limit.',
    ),
    'max-connection-limit': key(
      integer(0, 1_000_000),
      0,
      'How many connections each process accepts at a time; more are closed at once. 0 sets no limit.',
    ),
  },
} as const
