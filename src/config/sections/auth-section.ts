import { addresses } from '../kinds/address-kinds.js'
import { boolean, duration, integer, path, username } from '../kinds/kinds.js'
import { secret } from '../kinds/secret-kind.js'
import { LONGEST_TIMER, SHORTEST_SHARED_SECRET } from './limits.js'
import { key } from './section-key.js'

/** `[auth]`: how users are authenticated, and the meta nodes to ask. */
export const AUTH = {
  help: 'How users are authenticated: the meta nodes to ask, and how long their answers are cached.',
  keys: {
    enabled: key(
      boolean,
      true,
      'Whether to look users up. To switch authentication off, set [http] auth-enabled = false instead.',
    ),
    'cache-expiration': key(
      duration(),
      '10m',
      'How long a cached user can sign in while no meta node answers. With 0s nothing is cached: every request asks a meta node.',
    ),
    'cache-size': key(
      integer(1, 100_000_000),
      10_000,
      'How many users are cached; the least recently seen are dropped first.',
    ),
    'revalidate-interval': key(
      duration({ min: '100ms', max: LONGEST_TIMER }),
      '10s',
      'How often a cached user is looked up again in the background while no meta node pushes changes. A change takes effect within this time.',
    ),
    'meta-push': key(
      boolean,
      true,
      'Whether to subscribe to changes at the meta nodes, so that they take effect at once. InfluxDB Enterprise does not push changes.',
    ),
    'lookup-interval': key(
      duration({ max: LONGEST_TIMER }),
      '1s',
      'The shortest time between two look-ups of one user name, however many wrong passwords arrive.',
    ),
    'digest-enabled': key(
      boolean,
      true,
      'Whether to remember a verified password as a keyed digest, so that the next request costs microseconds instead of a bcrypt hash.',
    ),
    'bcrypt-cost': key(
      integer(4, 14),
      10,
      'The cost of the cached password hashes while digest-enabled = false; each step doubles the time. The answer for an unknown user takes as long as a hash of this cost.',
      ['bcrypt'],
    ),
    'hash-threads': key(
      integer(0, 64),
      0,
      'How many threads hash passwords. 0 means one for each processor core.',
    ),
    'hash-queue': key(
      integer(1, 100_000),
      256,
      'How many passwords may wait to be hashed. Requests beyond that are answered 503.',
    ),
    'wrong-password-interval': key(
      duration({ max: LONGEST_TIMER }),
      '100ms',
      'How often an address may send a wrong password, on average. An address that has used up wrong-password-burst is answered 429 without checking the password. An IPv6 address counts by its first 64 bits. Cached users are not affected. Tokens of an identity provider whose signature is wrong are counted by themselves, in the same way. 0s sets no limit.',
    ),
    'wrong-password-burst': key(
      integer(1, 100_000),
      50,
      'How many wrong passwords an address may send in a burst, and as many tokens with a wrong signature.',
    ),
    'meta-addr': key(
      addresses('meta-use-tls'),
      '',
      'The meta nodes to ask: host:port, separated by commas. When empty, the embedded meta node is started, see [meta].',
    ),
    'meta-username': key(
      username,
      '',
      'The user to sign in to the meta nodes as; must be an administrator.',
    ),
    'meta-password': key(secret(), '', "That user's password."),
    'meta-internal-shared-secret': key(
      secret({ min: SHORTEST_SHARED_SECRET }),
      '',
      "The meta nodes' internal-shared-secret, to sign in with signed tokens. When set, meta-username is not used.",
    ),
    'meta-use-tls': key(boolean, false, 'Whether to connect to the meta nodes over TLS.'),
    'meta-ca': key(
      path,
      '',
      "The certificate authority that signed the meta nodes' certificates (PEM). When empty, the system's.",
    ),
    'meta-cert': key(path, '', 'The client certificate to present to the meta nodes (PEM).'),
    'meta-key': key(path, '', 'The private key of meta-cert (PEM).'),
    'meta-insecure-skip-verify': key(
      boolean,
      false,
      'Skip certificate verification. Insecure: anybody on the network path can read and change the answers.',
    ),
    'meta-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '5s',
      'The time limit for one request to the meta nodes, all tries together.',
    ),
    'meta-attempt-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '2s',
      'The time limit for one try.',
    ),
  },
} as const
