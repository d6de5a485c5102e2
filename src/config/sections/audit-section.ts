import { boolean, path } from '../kinds/kinds.js'
import { key } from './section-key.js'

/** `[audit]`: the log of decisions. */
export const AUDIT = {
  help: 'The audit log: one line for each decision, with who was allowed or refused what, and why; and one for each change of users and roles.',
  keys: {
    enabled: key(boolean, false, 'Whether to write it.'),
    path: key(path, '', 'The file to write to, reopened at SIGHUP. When empty, standard output.'),
  },
} as const
