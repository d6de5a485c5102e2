import { boolean, duration, integer, path, username } from '../kinds/kinds.js'
import { secret } from '../kinds/secret-kind.js'
import { retentionPolicies, subscriptionUrl } from '../kinds/subscription-kinds.js'
import { networks, upstreamUrl } from '../kinds/upstream-kinds.js'
import { LONGEST_TIMER } from './limits.js'
import { key } from './section-key.js'

/** `[gateway]`: the daemon behind the gateway. */
export const GATEWAY = {
  help: 'Kapacitor and InfluxDB behind the gateway. They need no authentication of their own, and should be reachable from the gateway only.',
  keys: {
    'kapacitor-url': key(
      upstreamUrl,
      '',
      'The URL of Kapacitor: http://127.0.0.1:9192, https://host:port or unix:/path/to.sock. When empty, a small sample API is served instead, see [sample].',
    ),
    'kapacitor-ca': key(
      path,
      '',
      "The certificate authority that signed Kapacitor's certificate (PEM). When empty, the system's.",
    ),
    'kapacitor-cert': key(path, '', 'The client certificate to present to Kapacitor (PEM).'),
    'kapacitor-key': key(path, '', 'The private key of kapacitor-cert (PEM).'),
    'kapacitor-insecure-skip-verify': key(
      boolean,
      false,
      'Skip certificate verification. Insecure: anybody on the network path can read and change what is sent.',
    ),
    'influxdb-url': key(
      upstreamUrl,
      '',
      'The URL of InfluxDB: http://127.0.0.1:8087, https://host:port or unix:/path/to.sock. When set, its API is served too, as influxdb.conf says (--influxdb-config, INFLUXDB_CONFIG_PATH).',
    ),
    'influxdb-ca': key(
      path,
      '',
      "The certificate authority that signed InfluxDB's certificate (PEM). When empty, the system's.",
    ),
    'influxdb-cert': key(path, '', 'The client certificate to present to InfluxDB (PEM).'),
    'influxdb-key': key(path, '', 'The private key of influxdb-cert (PEM).'),
    'influxdb-insecure-skip-verify': key(
      boolean,
      false,
      'Skip certificate verification. Insecure: anybody on the network path can read and change what is sent.',
    ),
    'influxdb-username': key(
      username,
      '',
      'The user to sign in to InfluxDB as, if its own authentication is on; must be an administrator.',
    ),
    'influxdb-password': key(secret(), '', "That user's password."),
    subscriptions: key(
      boolean,
      false,
      "Whether to keep a subscription in InfluxDB for each database and retention policy, so that all that is written there is posted to the gateway, and so to Kapacitor. Needs influxdb-url and subscription-url. Set disable-subscriptions = true in Kapacitor's own [[influxdb]].",
    ),
    'subscription-url': key(
      subscriptionUrl,
      '',
      "The address that InfluxDB is to post to: [http] bind-address of this gateway, as InfluxDB reaches it. With https: InfluxDB must trust its certificate, see [subscriber] ca-certs in InfluxDB's own file.",
    ),
    'subscriptions-sync-interval': key(
      duration({ min: '1s', max: LONGEST_TIMER }),
      '1m',
      'How often the subscriptions are compared with the databases and retention policies that there are.',
    ),
    'subscription-token-max-age': key(
      duration(),
      '0s',
      'How old the token of a subscription that the gateway keeps may become, at least 1h: then a new subscription with a new token takes its place, one after the other, and no point is lost. 0s sets no limit.',
    ),
    'subscriptions-include': key(
      retentionPolicies,
      {},
      "The databases and retention policies to subscribe to. When empty, all of them. As Kapacitor's [influxdb.subscriptions].",
    ),
    'subscriptions-exclude': key(
      retentionPolicies,
      { _kapacitor: ['autogen'] },
      "The databases and retention policies not to subscribe to, even if they are included. As Kapacitor's [influxdb.excluded-subscriptions].",
    ),
    'connect-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '5s',
      'How long connecting to Kapacitor or InfluxDB may take, and how long a request waits for a free connection.',
    ),
    'response-timeout': key(
      duration({ max: LONGEST_TIMER }),
      '5m',
      'How long Kapacitor or InfluxDB may take to begin an answer. 0s sets no limit, and there is none for the streams of kapacitor watch and kapacitor logs.',
    ),
    'idle-timeout': key(
      duration({ max: LONGEST_TIMER }),
      '1h',
      'How long an answer may pause. 0s sets no limit, and there is none for those streams.',
    ),
    'max-connections': key(
      integer(1, 65_535),
      256,
      'How many requests Kapacitor, or InfluxDB, is sent at a time; others wait. One user, or one address, gets no more of them than stay free for others.',
    ),
    'min-body-rate': key(
      integer(0, 1_000_000_000),
      500,
      'How fast a client must send a request body, in bytes per second on average, after the first 20 seconds; slower requests are refused (408). 0 sets no limit.',
    ),
    'trusted-proxies': key(
      networks,
      '',
      'The proxies in front of the gateway: addresses and networks, separated by commas. Their X-Forwarded-For, -Proto, -Host and X-Request-Id headers are trusted, those of other clients are not.',
    ),
  },
} as const
