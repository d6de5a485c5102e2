import { bindAddress } from '../kinds/address-kinds.js'
import { boolean, duration, integer, path, processes } from '../kinds/kinds.js'
import { secret } from '../kinds/secret-kind.js'
import { HTTPS_KEYS } from './https-keys.js'
import { LONGEST_TIMER, SHORTEST_SHARED_SECRET } from './limits.js'
import { key } from './section-key.js'

/** `[http]`: the HTTP server for clients. */
export const HTTP = {
  help: 'The HTTP server for clients: the API that needs authentication.',
  keys: {
    'auth-enabled': key(
      boolean,
      true,
      'Whether clients must authenticate. When false, everybody is an administrator.',
    ),
    'bind-address': key(
      bindAddress(),
      '127.0.0.1:9092',
      'The address to listen on. ":9092" is every interface, "[::1]:9092" an IPv6 address, port 0 any free port.',
    ),
    'log-enabled': key(boolean, true, 'Whether to write every request to the access log.'),
    ...HTTPS_KEYS,
    'shared-secret': key(
      secret({ min: SHORTEST_SHARED_SECRET }),
      '',
      'The secret that signs bearer tokens (JWT). When empty, no bearer token is accepted. 32 bytes or more are recommended.',
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
      'Whether GET and HEAD of /ping need credentials. When false, load balancers can ask without.',
    ),
    'pprof-enabled': key(
      boolean,
      false,
      'Whether GET of /debug/pprof and below works without credentials.',
    ),
    'access-log-path': key(
      path,
      '',
      'The file of the access log, reopened at SIGHUP. When empty, standard error.',
    ),
    workers: key(
      processes(256),
      1,
      'How many processes serve requests; "auto" means one for each core. A process that dies is replaced. They share the limits on wrong passwords, hash-threads and hash-queue of [auth]; each has its own cache and its own [gateway] max-connections.',
    ),
    'max-header-bytes': key(
      integer(1_024, 1_048_576),
      16_384,
      "The maximum size of a request's first line and headers together, in bytes.",
    ),
    'max-body-size': key(
      integer(0, Number.MAX_SAFE_INTEGER),
      0,
      'The maximum size of a request body, in bytes. 0 sets no limit.',
    ),
    'max-connection-limit': key(
      integer(0, 1_000_000),
      0,
      'How many connections each process accepts at a time; more are closed at once. 0 sets no limit.',
    ),
    'header-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '30s',
      "How long a request's first line and headers may take to arrive.",
    ),
    'body-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '1m',
      'How long a request body may pause, and how long a client may stop reading an answer.',
    ),
    'keep-alive-timeout': key(
      duration({ min: '10ms', max: LONGEST_TIMER }),
      '75s',
      'How long a connection is kept open for the next request.',
    ),
  },
} as const
