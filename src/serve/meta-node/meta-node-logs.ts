import type { Config } from '../../config/config.js'
import type { Logger } from '../../log/logger.js'
import {
  type AuditedChange,
  auditChanges,
  type ChangeSource,
} from '../../middleware/audit-changes.js'
import { auditLog } from '../../middleware/audit-log.js'
import type { Asked, Decision } from '../../middleware/decision.js'
import { openAccessLog, openAuditLines } from '../open-logs.js'

/** The access log and the audit log of a meta node that runs in this process. */
export interface MetaNodeLogs {
  readonly access: Logger
  onDecision(asked: Asked, decision: Decision): void
  onChange(source: ChangeSource, change: AuditedChange): void

  /** Opens the files again, as this configuration says; if that fails it is logged, and the old ones are kept. */
  reopen(config: Config): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the logs that `[http] log-enabled` and `[audit] enabled` switch on: a meta node writes into the same as the API
 * beside it. It believes no proxy, whatever `trusted-proxies` says: client addresses are those of connections, as where it
 * counts wrong passwords.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a file cannot be opened
 */
export function openMetaNodeLogs(config: Config, logger: Logger): MetaNodeLogs {
  let current = open(config, logger)
  return {
    access: {
      info: (fields, message) => current.access.log?.info(fields, message),
      warn: (fields, message) => current.access.log?.warn(fields, message),
      error: (fields, message) => current.access.log?.error(fields, message),
    },
    onDecision: (asked, decision) => current.decision?.(asked, decision),
    onChange: (source, change) => current.change?.(source, change),
    async reopen(next) {
      const before = current
      try {
        current = open(next, logger)
      } catch (error) {
        logger.error({ err: error }, 'log files of the meta node cannot be opened again')
        return
      }
      await before.close()
    },
    close: () => current.close(),
  }
}

function open(config: Config, logger: Logger) {
  const access = openAccessLog(config.http, '[http] access-log-path', logger)
  try {
    const lines = openAuditLines(config, logger)
    return {
      access,
      decision: lines.log && auditLog(lines.log),
      change: lines.log && auditChanges(lines.log),
      close: async () => void (await Promise.all([access.close(), lines.close()])),
    }
  } catch (error) {
    void access.close()
    throw error
  }
}
