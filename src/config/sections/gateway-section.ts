import { boolean, duration, integer, path, username } from '../kinds/kinds.js'
import { secret } from '../kinds/secret-kind.js'
import { networks, upstreamUrl } from '../kinds/upstream-kinds.js'
import { LONGEST_TIMER } from './limits.js'
import { key } from './section-key.js'

/** `[gateway]`: the daemon that is guarded. */
export const GATEWAY = {
  help: 'The Kapacitor that is guarded. It needs no authentication of its own, and should be reachable from here only.',
  keys: {
    'kapacitor-url': key(
      upstreamUrl,
      '',
      'Where it listens: http://127.0.0.1:9192, https://host:port or unix:/path/to.sock. When empty, a small sample API stands in, see [sample].',
    ),
    'kapacitor-ca': key(
      path,
      '',
      "The certificate authority that signed its certificate (PEM). When empty, the system's.",
    ),
    'kapacitor-cert': key(path, '', 'The certificate to show to it (PEM).'),
    'kapacitor-key': key(path, '', 'The private key of kapacitor-cert (PEM).'),
    'kapacitor-insecure-skip-verify': key(
      boolean,
      false,
      'Whether to believe any certificate. Insecure: anybody in between can read and change what is sent.',
    ),
    'influxdb-url': key(
      upstreamUrl,
      '',
      'Where InfluxDB listens: http://127.0.0.1:8087, https://host:port or unix:/path/to.sock. When set, its API is served too, as influxdb.conf says (--influxdb-config, INFLUXDB_CONFIG_PATH).',
    ),
    'influxdb-ca': key(
      path,
      '',
      "The certificate authority that signed InfluxDB's certificate (PEM). When empty, the system's.",
    ),
    'influxdb-cert': key(path, '', 'The certificate to show to InfluxDB (PEM).'),
    'influxdb-key': key(path, '', 'The private key of influxdb-cert (PEM).'),
    'influxdb-insecure-skip-verify': key(
      boolean,
      false,
      "Whether to believe any certificate of InfluxDB's. Insecure: anybody in between can read and change what is sent.",
    ),
    'influxdb-username': key(
      username,
      '',
      'The user to sign in to InfluxDB as, where it keeps its own authentication on; an administrator there.',
    ),
    'influxdb-password': key(secret(), '', "That user's password."),
    'connect-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '5s',
      'How long connecting to it may take, and waiting for a connection to be free.',
    ),
    'response-timeout': key(
      duration({ max: LONGEST_TIMER }),
      '5m',
      'How long it may take to begin an answer. 0s is for ever.',
    ),
    'idle-timeout': key(
      duration({ max: LONGEST_TIMER }),
      '1h',
      'How long an answer may pause between two pieces. 0s is for ever.',
    ),
    'max-connections': key(
      integer(1, 65_535),
      256,
      'How many requests are with it at a time; others wait.',
    ),
    'trusted-proxies': key(
      networks,
      '',
      'Proxies in front of the gateway whose X-Forwarded-For, -Proto, -Host and X-Request-Id are believed: addresses and networks, separated by commas.',
    ),
  },
} as const
