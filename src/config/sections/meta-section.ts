import { addresses, bindAddress } from '../kinds/address-kinds.js'
import { hostNames } from '../kinds/host-names.js'
import { boolean, choice, duration, integer, keyPrefix, path, username } from '../kinds/kinds.js'
import { secret } from '../kinds/secret-kind.js'
import { HTTPS_KEYS } from './https-keys.js'
import { LONGEST_TIMER, SHORTEST_SHARED_SECRET } from './limits.js'
import { key } from './section-key.js'

/** `[meta]`: the embedded meta node. Names are InfluxDB Enterprise's where it has one. */
export const META = {
  help: 'The embedded meta node, which stores users, roles and permissions. It is started when [auth] meta-addr is empty.',
  keys: {
    store: key(
      choice('lmdb', 'etcd'),
      'lmdb',
      'Where users and roles are stored: "lmdb" in files on this machine, "etcd" in a cluster that several meta nodes share.',
    ),
    dir: key(
      path,
      { inDataDirectory: 'meta' },
      'The directory of the database, for store = "lmdb".',
    ),
    'etcd-endpoints': key(
      addresses('etcd-use-tls', '10.0.0.1:2379'),
      '',
      'The members of the etcd cluster: host:port, separated by commas, the nearest first. List all of them, so that any of them may fail.',
    ),
    'etcd-use-tls': key(boolean, true, 'Whether to connect to etcd over TLS.'),
    'etcd-ca': key(
      path,
      '',
      "The certificate authority that signed etcd's certificates (PEM). When empty, those that Node.js trusts.",
    ),
    'etcd-cert': key(path, '', 'The client certificate to present to etcd (PEM).'),
    'etcd-key': key(path, '', 'The private key of etcd-cert (PEM).'),
    'etcd-username': key(
      username,
      '',
      'The etcd user. They need to read and write the keys that begin with etcd-prefix.',
    ),
    'etcd-password': key(secret(), '', "That user's password."),
    'etcd-prefix': key(
      keyPrefix,
      '/kapacitor-auth/',
      'The prefix of all keys in etcd. Meta nodes with the same prefix share their users and roles.',
    ),
    'etcd-timeout': key(
      duration({ min: '100ms', max: LONGEST_TIMER }),
      '5s',
      'The time limit for one request to etcd, all tries at all members together. After that the answer is 503.',
    ),
    'http-bind-address': key(bindAddress(), '127.0.0.1:8091', 'The address to listen on.'),
    'auth-enabled': key(
      boolean,
      true,
      'Whether its clients must authenticate. When false, everybody who can reach it is an administrator.',
    ),
    'allowed-hosts': key(
      hostNames,
      '',
      'With auth-enabled = false: the host names that requests may use, separated by commas, besides IP addresses, localhost, the name of this machine and the host of http-bind-address. Others are refused, since a web page could use one (DNS rebinding).',
    ),
    'restrict-user-management': key(
      boolean,
      true,
      'Whether a user with CreateUserAndRole who is not an administrator may change no administrator, and grant only what they hold. When false, as in InfluxDB Enterprise: such a user can make itself an administrator.',
    ),
    ...HTTPS_KEYS,
    'shared-secret': key(
      secret({ min: SHORTEST_SHARED_SECRET }),
      '',
      "The secret that signs users' bearer tokens (JWT). When empty, none is accepted. 32 bytes or more are recommended.",
    ),
    'internal-shared-secret': key(
      secret({ min: SHORTEST_SHARED_SECRET }),
      '',
      'The secret that signs the tokens of gateways and other nodes ([auth] meta-internal-shared-secret). When empty, none is accepted.',
    ),
    'bcrypt-cost': key(
      integer(4, 14),
      10,
      "The cost of users' password hashes; each step doubles the time.",
    ),
    'password-hash': key(
      choice('bcrypt', 'pbkdf2-sha256', 'pbkdf2-sha512'),
      'bcrypt',
      'How new passwords are hashed. Existing hashes of all three kinds are accepted.',
    ),
    'password-hash-rounds': key(
      integer(1_000, 1_000_000),
      29_000,
      "The rounds of users' password hashes by PBKDF2; the default is InfluxDB Enterprise's. More rounds take longer; OWASP recommends 600000 for pbkdf2-sha256, 210000 for pbkdf2-sha512.",
    ),
    'password-min-length': key(
      integer(1, 72),
      1,
      'How many characters (Unicode code points) a new password must have. More than 72 bytes of UTF-8 are never allowed.',
    ),
    'first-admin': key(
      choice('start', 'query'),
      'start',
      'How the first administrator is created: "start" at the first start, as admin-username says; "query" by the first CREATE USER … WITH ALL PRIVILEGES that is sent to InfluxDB\'s API.',
    ),
    'first-admin-from': key(
      choice('loopback', 'anywhere'),
      'loopback',
      'With first-admin = "query": whether that query must come from this machine ("loopback").',
    ),
    'admin-username': key(
      username,
      'admin',
      'The name of the administrator who is created at the first start.',
    ),
    'admin-password': key(
      secret({ max: 72 }),
      '',
      "That administrator's password, used at the first start only. When empty, a random one is generated and printed once.",
    ),
  },
} as const
