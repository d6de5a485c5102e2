import { bindAddress } from '../kinds/address-kinds.js'
import { boolean, choice, duration, integer, path, processes } from '../kinds/kinds.js'
import { secret } from '../kinds/secret-kind.js'
import { LONGEST_TIMER, SHORTEST_SHARED_SECRET } from './limits.js'
import { key } from './section-key.js'

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
      'What bearer tokens (JWT) are signed with. When empty, no bearer token is accepted. 32 bytes or more are advised.',
    ),
    'shutdown-timeout': key(
      duration({ max: LONGEST_TIMER }),
      '10s',
      'How long running requests may take to finish when the server is stopped.',
    ),
    'shutdown-delay': key(
      duration({ max: LONGEST_TIMER }),
      '0s',
      'How long requests are still accepted after /readyz has begun to say "not ready", so that load balancers can take the server out before its port closes.',
    ),
    'ping-auth-enabled': key(
      boolean,
      true,
      'Whether GET and HEAD of /ping need credentials, too. When false, load balancers may ask without.',
    ),
    'pprof-enabled': key(
      boolean,
      false,
      'Whether GET of /debug/pprof and what is below needs no credentials.',
    ),
    'access-log-path': key(
      path,
      '',
      'The file of the access log, reopened at SIGHUP. When empty, standard error.',
    ),
    workers: key(
      processes(256),
      1,
      'How many processes serve requests; "auto" is one for each core. One that dies is replaced.',
    ),
    'max-header-bytes': key(
      integer(1_024, 1_048_576),
      16_384,
      "How long a request's line and headers may be together, in bytes.",
    ),
    'max-body-size': key(
      integer(0, Number.MAX_SAFE_INTEGER),
      0,
      'How long a request body may be, in bytes. 0 is any length.',
    ),
    'max-connection-limit': key(
      integer(0, 1_000_000),
      0,
      'How many connections each process accepts at a time; more are closed at once. 0 is any number.',
    ),
    'header-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '30s',
      "How long a request's line and headers may take to arrive.",
    ),
    'body-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '1m',
      'How long a request body may pause between two pieces, and how long a client may take nothing of an answer.',
    ),
    'keep-alive-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '75s',
      'How long a connection is kept open after an answer, for the next request.',
    ),
  },
} as const
