import type { Config } from '../config/config.js'
import { type LogFile, openLogFile } from '../log/log-file.js'
import { logStream } from '../log/log-stream.js'
import type { Logger } from '../log/logger.js'
import { createLogger } from '../log/pino-logger.js'
import { auditChanges } from '../middleware/audit-changes.js'
import { auditLog } from '../middleware/audit-log.js'

/** A log of requests. */
export interface RequestLog<T> {
  /** Where lines go; undefined if the log is switched off. */
  readonly log: T | undefined
  /** Opens its file again, after somebody has renamed it. */
  reopen(): Promise<void>
  close(): Promise<void>
}

export interface AuditLog extends RequestLog<ReturnType<typeof auditLog>> {
  /** Takes changes of users, into the same file; undefined if the log is switched off. */
  readonly changes: ReturnType<typeof auditChanges> | undefined
}

/** What a door's configuration says of its access log. */
export interface AccessLogSettings {
  readonly logEnabled: boolean
  /** `''`: standard error. */
  readonly accessLogPath: string
}

/**
 * Opens a door's access log.
 *
 * @param option the key of the path, for messages: `[http] access-log-path`
 * @throws AuthError `ERR_CONFIG_INVALID` if the file cannot be opened
 */
export function openAccessLog(
  { logEnabled, accessLogPath }: AccessLogSettings,
  option: string,
  logger: Logger,
): RequestLog<Logger> {
  if (!logEnabled) return requestLog<Logger>(undefined)
  if (accessLogPath === '') return requestLog(logger)
  const file = openLogFile(accessLogPath, { option, logger })
  return requestLog(createLogger(file), file)
}

/**
 * Opens the audit log of all doors.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if the file cannot be opened
 */
export function openAuditLog(config: Config, logger: Logger): AuditLog {
  const lines = openAuditLines(config, logger)
  const { trustedProxies } = config.gateway
  return {
    ...lines,
    log: lines.log && auditLog(lines.log, { trustedProxies }),
    changes: lines.log && auditChanges(lines.log, { trustedProxies }),
  }
}

/**
 * Opens what lines of the audit log are written to.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if the file cannot be opened
 */
export function openAuditLines(
  { audit }: Pick<Config, 'audit'>,
  logger: Logger,
): RequestLog<(line: string) => void> {
  if (!audit.enabled) return requestLog<(line: string) => void>(undefined)
  const file =
    audit.path === '' ? undefined : openLogFile(audit.path, { option: '[audit] path', logger })
  const destination = file ?? logStream(process.stdout)
  return requestLog((line) => destination.write(line), file)
}

function requestLog<T>(log: T | undefined, file?: LogFile): RequestLog<T> {
  return {
    log,
    reopen: async () => void (await file?.reopen()),
    close: async () => void (await file?.close()),
  }
}
