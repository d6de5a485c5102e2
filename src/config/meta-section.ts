import { bindAddress } from './address-kinds.js'
import { key } from './key.js'
import { boolean, choice, integer, path, username } from './kinds.js'
import { SHORTEST_SHARED_SECRET } from './limits.js'
import { secret } from './secret-kind.js'

/** `[meta]`: the embedded meta node. Names are InfluxDB Enterprise's where it has one. */
export const META = {
  help: 'The embedded meta node, which keeps users, roles and permissions. It is started when [auth] meta-addr is empty.',
  keys: {
    dir: key(path, { inDataDirectory: 'meta' }, 'The directory of its database.'),
    'http-bind-address': key(bindAddress(), '127.0.0.1:8091', 'Where its API listens.'),
    'auth-enabled': key(
      boolean,
      true,
      'Whether its API asks for credentials. When false, everybody who reaches it is an administrator.',
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
