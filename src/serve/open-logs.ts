import type { Config } from '../config/config.js'
import { type LogFile, openLogFile } from '../log/log-file.js'
import { logStream } from '../log/log-stream.js'
import type { Logger } from '../log/logger.js'
import { createLogger } from '../log/pino-logger.js'
import { auditLog } from '../middleware/audit-log.js'

/** The logs of requests, as `[http] log-enabled`, `access-log-path` and `[audit]` say. */
export interface Logs {
  readonly access: Logger | undefined
  readonly audit: ReturnType<typeof auditLog> | undefined
  /** Opens the files anew, after somebody has renamed them. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/** @throws AuthError `ERR_CONFIG_INVALID` if a file cannot be opened */
export function openLogs({ http, audit, gateway }: Config, logger: Logger): Logs {
  const files: LogFile[] = []
  const open = (path: string, option: string): LogFile => {
    const file = openLogFile(path, { option, logger })
    files.push(file)
    return file
  }
  const close = async () => void (await Promise.all(files.map((file) => file.close())))
  try {
    return {
      access: http.logEnabled ? accessLogger() : undefined,
      audit: audit.enabled ? auditListener() : undefined,
      reopen: async () => void (await Promise.all(files.map((file) => file.reopen()))),
      close,
    }
  } catch (error) {
    void close()
    throw error
  }

  function accessLogger(): Logger {
    return http.accessLogPath === ''
      ? logger
      : createLogger(open(http.accessLogPath, '[http] access-log-path'))
  }

  function auditListener(): ReturnType<typeof auditLog> {
    const destination =
      audit.path === '' ? logStream(process.stdout) : open(audit.path, '[audit] path')
    const { trustedProxies } = gateway
    return auditLog((line) => destination.write(line), { trustedProxies })
  }
}
