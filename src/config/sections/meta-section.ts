import { addresses, bindAddress } from '../kinds/address-kinds.js'
import { hostNames } from '../kinds/host-names.js'
import { boolean, choice, duration, integer, keyPrefix, path, username } from '../kinds/kinds.js'
import { secret } from '../kinds/secret-kind.js'
import { LONGEST_TIMER, SHORTEST_SHARED_SECRET } from './limits.js'
import { key } from './section-key.js'

/** `[meta]`: the embedded meta node. Names are InfluxDB Enterprise's where it has one. */
export const META = {
  help: 'The embedded meta node, which keeps users, roles and permissions. It is started when [auth] meta-addr is empty.',
  keys: {
    store: key(
      choice('lmdb', 'etcd'),
      'lmdb',
      'Where users and roles are kept: "lmdb" in files of this machine, "etcd" in a cluster that several meta nodes share.',
    ),
    dir: key(
      path,
      { inDataDirectory: 'meta' },
      'The directory of its database, for store = "lmdb".',
    ),
    'etcd-endpoints': key(
      addresses('etcd-use-tls', '10.0.0.1:2379'),
      '',
      'The members of the etcd cluster, host:port, separated by commas, the nearest first. All of them, so that any may fail.',
    ),
    'etcd-use-tls': key(boolean, true, 'Whether etcd is asked over TLS.'),
    'etcd-ca': key(
      path,
      '',
      "The certificate authority that signed etcd's certificates (PEM). When empty, those that Node.js trusts.",
    ),
    'etcd-cert': key(path, '', 'The certificate to show to etcd (PEM).'),
    'etcd-key': key(path, '', 'The private key of etcd-cert (PEM).'),
    'etcd-username': key(
      username,
      '',
      'The etcd user, who needs to read and write the keys that begin with etcd-prefix.',
    ),
    'etcd-password': key(secret(), '', "That user's password."),
    'etcd-prefix': key(
      keyPrefix,
      '/kapacitor-auth/',
      'What the names of its keys in etcd begin with. Meta nodes with the same prefix share their users and roles.',
    ),
    'etcd-timeout': key(
      duration({ min: '100ms', max: LONGEST_TIMER }),
      '5s',
      'How long one question to etcd may take, all tries at all members together; the answer is 503 then.',
    ),
    'http-bind-address': key(bindAddress(), '127.0.0.1:8091', 'Where its API listens.'),
    'auth-enabled': key(
      boolean,
      true,
      'Whether its API asks for credentials. When false, everybody who reaches it is an administrator.',
    ),
    'allowed-hosts': key(
      hostNames,
      '',
      'With auth-enabled = false: the host names that requests may name, separated by commas, beside IP addresses, localhost, the name of this machine and the host of http-bind-address. Others are refused, since a web page could use one (DNS rebinding).',
    ),
    'restrict-user-management': key(
      boolean,
      true,
      'Whether a user who holds CreateUserAndRole without being an administrator may change no administrator, and grant only what they hold. When false, as in InfluxDB Enterprise: such a user can make itself an administrator.',
    ),
    'https-enabled': key(boolean, false, 'Whether its API is served over HTTPS.'),
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
    'https-client-ca': key(
      path,
      '',
      'When set, clients show a certificate that this authority signed (PEM). They sign in all the same.',
    ),
    'https-client-auth': key(
      choice('require', 'request'),
      'require',
      'With https-client-ca: "require" serves nobody without a certificate; "request" serves those without one, too. A wrong one is refused either way.',
    ),
    'shared-secret': key(
      secret({ min: SHORTEST_SHARED_SECRET }),
      '',
      "What users' bearer tokens (JWT) are signed with. When empty, none is accepted. 32 bytes or more are advised.",
    ),
    'internal-shared-secret': key(
      secret({ min: SHORTEST_SHARED_SECRET }),
      '',
      'What the tokens of gateways and other nodes are signed with ([auth] meta-internal-shared-secret). When empty, none is accepted.',
    ),
    'bcrypt-cost': key(
      integer(4, 14),
      10,
      "The cost of users' password hashes; each step doubles the time.",
    ),
    'password-hash': key(
      choice('bcrypt', 'pbkdf2-sha256', 'pbkdf2-sha512'),
      'bcrypt',
      'How new passwords are hashed. Hashes of all three kinds are accepted, whichever it is.',
    ),
    'password-hash-rounds': key(
      integer(1_000, 1_000_000),
      29_000,
      "The rounds of users' password hashes by PBKDF2; the default is InfluxDB Enterprise's. The time grows with them; OWASP advises 600000 for pbkdf2-sha256, 210000 for pbkdf2-sha512.",
    ),
    'password-min-length': key(
      integer(1, 72),
      1,
      'How many characters (Unicode code points) a new password must have. More than 72 bytes of UTF-8 are never allowed.',
    ),
    'first-admin': key(
      choice('start', 'query'),
      'start',
      'Who makes the first administrator: "start" the first start does; "query" whoever first sends CREATE USER … WITH ALL PRIVILEGES to InfluxDB\'s API.',
    ),
    'first-admin-from': key(
      choice('loopback', 'anywhere'),
      'loopback',
      'With first-admin = "query": whether that must be sent from this machine.',
    ),
    'admin-username': key(
      username,
      'admin',
      'The name of the administrator made at the first start.',
    ),
    'admin-password': key(
      secret({ max: 72 }),
      '',
      "That administrator's password. When empty, a random one is made and printed once.",
    ),
  },
} as const
