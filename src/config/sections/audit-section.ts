import { boolean, path } from '../kinds/kinds.js'
import { key } from './section-key.js'

/** `[audit]`: the log of decisions. */
export const AUDIT = {
  help: 'The audit log: a line for each decision (who was let in or refused, where, and why), and one for each change of users and roles.',
  keys: {
    enabled: key(boolean, false, 'Whether it is written.'),
    path: key(
      path,
      '',
      'The file that it is written to, reopened at SIGHUP. When empty, standard output.',
    ),
  },
} as const
