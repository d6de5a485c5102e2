import { addresses } from '../kinds/address-kinds.js'
import { boolean, duration, integer, path, username } from '../kinds/kinds.js'
import { secret } from '../kinds/secret-kind.js'
import { LONGEST_TIMER, SHORTEST_SHARED_SECRET } from './limits.js'
import { key } from './section-key.js'

/** `[auth]`: how callers are known, and the meta nodes that know them. */
export const AUTH = {
  help: 'How callers are known: the meta nodes that are asked, and what is remembered of their answers.',
  keys: {
    enabled: key(
      boolean,
      true,
      'Whether users are looked up. To switch authentication off, set [http] auth-enabled = false instead.',
    ),
    'cache-expiration': key(
      duration(),
      '10m',
      'How long a user is trusted while no meta node answers. 0s remembers nobody: every request asks.',
    ),
    'cache-size': key(
      integer(1, 100_000_000),
      10_000,
      'How many users are remembered; the least recently seen go first.',
    ),
    'revalidate-interval': key(
      duration({ min: '100ms', max: LONGEST_TIMER }),
      '10s',
      'How often a remembered user is asked for again in the background while no meta node tells changes, so that they take effect.',
    ),
    'meta-push': key(
      boolean,
      true,
      'Whether to listen to the changes that meta nodes tell, so that they take effect at once. InfluxDB Enterprise tells none.',
    ),
    'lookup-interval': key(
      duration({ max: LONGEST_TIMER }),
      '1s',
      'A user name is looked up at most once in this time, however many wrong passwords arrive.',
    ),
    'digest-enabled': key(
      boolean,
      true,
      'Whether a verified password is remembered as a keyed digest, so that the next request costs microseconds instead of one bcrypt.',
    ),
    'bcrypt-cost': key(
      integer(4, 14),
      10,
      'The cost of the password hashes that are remembered while digest-enabled = false; each step doubles the time. An unknown user is answered as slowly as a hash of this cost takes.',
      ['bcrypt'],
    ),
    'hash-threads': key(
      integer(0, 64),
      0,
      'How many threads hash passwords. 0 is one for each processor core.',
    ),
    'hash-queue': key(
      integer(1, 100_000),
      256,
      'How many passwords may wait to be hashed; those beyond are answered 503.',
    ),
    'wrong-password-interval': key(
      duration({ max: LONGEST_TIMER }),
      '100ms',
      'One client address (of IPv6: 64 bits) may try one wrong password in this time, on average; beyond wrong-password-burst, passwords from there are answered 429 unhashed. Remembered users are not concerned. 0s sets no limit.',
    ),
    'wrong-password-burst': key(
      integer(1, 100_000),
      50,
      'So many wrong passwords one client address may try at once, before wrong-password-interval counts.',
    ),
    'meta-addr': key(
      addresses('meta-use-tls'),
      '',
      'The meta nodes to ask, host:port, separated by commas. When empty, the embedded one is started, see [meta].',
    ),
    'meta-username': key(
      username,
      '',
      'The user as whom the meta nodes are asked; an administrator there.',
    ),
    'meta-password': key(secret(), '', "That user's password."),
    'meta-internal-shared-secret': key(
      secret({ min: SHORTEST_SHARED_SECRET }),
      '',
      "The meta nodes' internal-shared-secret, to ask them with signed tokens. When set, it is used instead of meta-username.",
    ),
    'meta-use-tls': key(boolean, false, 'Whether the meta nodes are asked over TLS.'),
    'meta-ca': key(
      path,
      '',
      "The certificate authority that signed the meta nodes' certificates (PEM). When empty, the system's.",
    ),
    'meta-cert': key(path, '', 'The certificate to show to the meta nodes (PEM).'),
    'meta-key': key(path, '', 'The private key of meta-cert (PEM).'),
    'meta-insecure-skip-verify': key(
      boolean,
      false,
      'Whether to believe any certificate. Insecure: anybody in between can read and change the answers.',
    ),
    'meta-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '5s',
      'How long one question to the meta nodes may take, all tries together.',
    ),
    'meta-attempt-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '2s',
      'How long one try of a question may take.',
    ),
  },
} as const
