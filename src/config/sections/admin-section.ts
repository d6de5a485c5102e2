import { bindAddress } from '../kinds/address-kinds.js'
import { boolean } from '../kinds/kinds.js'
import { key } from './section-key.js'

/** `[admin]`: the listener for whoever runs the server. */
export const ADMIN = {
  help: 'The listener for whoever runs the server: health, metrics, explanations, purging. It asks nobody for credentials, so that it belongs on an address that only this machine reaches.',
  keys: {
    enabled: key(boolean, true, 'Whether it is started.'),
    'bind-address': key(bindAddress(), '127.0.0.1:9094', 'Where it listens, for serve.'),
    'meta-node-bind-address': key(
      bindAddress(),
      '127.0.0.1:9095',
      'Where it listens, for meta-node: another address, so that both can run on one machine.',
    ),
    'readiness-needs-upstream': key(
      boolean,
      true,
      'Whether /readyz says "not ready" (503) while the guarded server cannot be reached. When false, it is only shown.',
    ),
  },
} as const
