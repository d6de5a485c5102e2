import { choice } from '../kinds/kinds.js'
import { key } from './section-key.js'

/** `[logging]`: the program's own log. Where Kapacitor writes its log (`file`) is left to Kapacitor. */
export const LOGGING = {
  help: 'The log of this program, on standard error. The access log has keys in [http], the audit log in [audit].',
  keys: {
    level: key(
      choice('DEBUG', 'INFO', 'WARN', 'ERROR', 'debug', 'info', 'warn', 'error'),
      'INFO',
      'What is logged: "INFO" everything, "WARN" what needs attention, "ERROR" only what failed. "DEBUG" is the same as "INFO". An access log on standard error is of level "INFO".',
    ),
  },
} as const
