import type { Config } from '../config/config.js'
import { type LogFile, openLogFile } from '../log/log-file.js'
import { logStream } from '../log/log-stream.js'
import type { Logger } from '../log/logger.js'
import { createLogger } from '../log/pino-logger.js'
import { auditLog } from '../middleware/audit-log.js'

/** A log of requests. */
export interface RequestLog<T> {
  /** Where lines go; undefined if the log is switched off. */
  readonly log: T | undefined
  /** Opens its file again, after somebody has renamed it. */
  reopen(): Promise<void>
  close(): Promise<void>
}

export type AuditLog = RequestLog<ReturnType<typeof auditLog>>

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
export function openAuditLog({ audit, gateway }: Config, logger: Logger): AuditLog {
  if (!audit.enabled) return requestLog<ReturnType<typeof auditLog>>(undefined)
  const file =
    audit.path === '' ? undefined : openLogFile(audit.path, { option: '[audit] path', logger })
  const destination = file ?? logStream(process.stdout)
  const { trustedProxies } = gateway
  return requestLog(
    auditLog((line) => destination.write(line), { trustedProxies }),
    file,
  )
}

function requestLog<T>(log: T | undefined, file?: LogFile): RequestLog<T> {
  return {
    log,
    reopen: async () => void (await file?.reopen()),
    close: async () => void (await file?.close()),
  }
}
