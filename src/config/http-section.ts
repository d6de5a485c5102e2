import { bindAddress } from './address-kinds.js'
import { key } from './key.js'
import { boolean, duration, path } from './kinds.js'
import { LONGEST_TIMER, SHORTEST_SHARED_SECRET } from './limits.js'
import { secret } from './secret-kind.js'

/** `[http]`: the server that callers see. */
export const HTTP = {
  help: 'The HTTP server that callers see: the guarded API.',
  keys: {
    'auth-enabled': key(
      boolean,
      true,
      'Whether callers must authenticate. When false, everybody is an administrator.',
    ),
    'bind-address': key(
      bindAddress(),
      '127.0.0.1:9092',
      'Where to listen. ":9092" is every interface, "[::1]:9092" an IPv6 address, port 0 any free port.',
    ),
    'log-enabled': key(boolean, true, 'Whether every request is written to the access log.'),
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
    'shutdown-timeout': key(
      duration({ max: LONGEST_TIMER }),
      '10s',
      'How long running requests may take to finish when the server is stopped.',
    ),
    'ping-auth-enabled': key(
      boolean,
      true,
      'Whether GET and HEAD of /ping need credentials, too. When false, load balancers may ask without.',
    ),
  },
} as const
