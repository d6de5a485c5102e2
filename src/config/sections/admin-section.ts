import { bindAddress } from '../kinds/address-kinds.js'
import { boolean } from '../kinds/kinds.js'
import { key } from './section-key.js'

/** `[admin]`: the listener for the operator. */
export const ADMIN = {
  help: 'The listener for the operator: health, metrics, explanations, purging. It asks for no credentials: bind it to an address that only this machine can reach.',
  keys: {
    enabled: key(boolean, true, 'Whether to start the listener.'),
    'bind-address': key(bindAddress(), '127.0.0.1:9094', 'The address that serve listens on.'),
    'meta-node-bind-address': key(
      bindAddress(),
      '127.0.0.1:9095',
      'The address that meta-node listens on: another one, so that both can run on one machine.',
    ),
    'readiness-needs-upstream': key(
      boolean,
      true,
      'Whether /readyz answers "not ready" (503) while Kapacitor cannot be reached. When false, the state of Kapacitor is only shown.',
    ),
  },
} as const
