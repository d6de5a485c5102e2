import { bindAddress } from '../kinds/address-kinds.js'
import { boolean, integer, path, textKind } from '../kinds/kinds.js'
import { secret } from '../kinds/secret-kind.js'
import { SHORTEST_SHARED_SECRET } from '../sections/limits.js'
import { key } from '../sections/section-key.js'

/** What a quoted string of a challenge can hold as it stands (RFC 9110 §5.6.4). */
const realm = textKind({
  expected: 'a text of visible ASCII characters and spaces, without " and \\',
  problem: (text) => (/^[ !#-[\]-~]*$/.test(text) ? undefined : ''),
})

/** `[http]` of `influxdb.conf`: the server that InfluxDB's callers see. Names and meaning are InfluxDB's own. */
export const INFLUXDB = {
  help: 'The HTTP server that callers of InfluxDB see. It is open when [gateway] influxdb-url is set.',
  keys: {
    enabled: key(boolean, true, 'Whether this server is started at all.'),
    'bind-address': key(
      bindAddress(),
      '127.0.0.1:8086',
      'Where to listen. ":8086" is every interface, "[::1]:8086" an IPv6 address, port 0 any free port.',
    ),
    'auth-enabled': key(
      boolean,
      true,
      'Whether callers must authenticate. When false, everybody is an administrator.',
    ),
    realm: key(realm, 'InfluxDB', 'The realm that callers are asked to sign in to.'),
    'log-enabled': key(boolean, true, 'Whether every request is written to the access log.'),
    'access-log-path': key(
      path,
      '',
      'The file of the access log, reopened at SIGHUP. When empty, standard error.',
    ),
    'https-enabled': key(boolean, false, 'Whether to serve HTTPS instead of HTTP.'),
    'https-certificate': key(
      path,
      '',
      'The certificate to serve HTTPS with, followed by its chain (PEM).',
    ),
    'https-private-key': key(
      path,
      '',
      "The certificate's private key (PEM). When empty, the key is in the certificate's file.",
    ),
    'shared-secret': key(
      secret({ min: SHORTEST_SHARED_SECRET }),
      '',
      'What bearer tokens (JWT) are signed with. When empty, no bearer token is accepted. 32 bytes or more are advised.',
    ),
    'ping-auth-enabled': key(
      boolean,
      false,
      'Whether /ping, /status, /health and /metrics need credentials.',
    ),
    'pprof-enabled': key(
      boolean,
      true,
      'Whether /debug/pprof is passed on. When false, it is not found.',
    ),
    'pprof-auth-enabled': key(
      boolean,
      true,
      'Whether /debug and what is below is for administrators only. When false, it is open to everybody.',
    ),
    'debug-pprof-enabled': key(
      boolean,
      false,
      'Profiles on port 6060: InfluxDB serves them itself, and the gateway opens no such port. true earns a warning.',
    ),
    'prom-read-auth-enabled': key(
      boolean,
      true,
      'Prometheus may read what its user may read. To switch that off is not possible; false earns a warning.',
    ),
    'max-body-size': key(
      integer(0, Number.MAX_SAFE_INTEGER),
      25_000_000,
      'How long a request body may be, in bytes. 0 is any length.',
    ),
    'max-connection-limit': key(
      integer(0, 1_000_000),
      0,
      'How many connections each process accepts at a time; more are closed at once. 0 is any number.',
    ),
  },
} as const
