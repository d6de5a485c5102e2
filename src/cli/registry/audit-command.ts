import type { Config } from '../../config/config.js'
import { openLogFile } from '../../log/log-file.js'
import { type AuditedChange, auditChanges } from '../../middleware/audit-changes.js'

/**
 * Writes what a command changed into the file of the audit log, beside the lines of the servers that write there. Without
 * a file there is none: standard output, where servers write them then, is the command's own.
 *
 * @param command `meta restore`
 * @throws AuthError `ERR_CONFIG_INVALID` if the file cannot be opened
 */
export async function auditCommand(
  { audit }: Pick<Config, 'audit'>,
  command: string,
  change: AuditedChange,
): Promise<void> {
  if (!audit.enabled || audit.path === '') return
  const { createLogger } = await import('../../log/pino-logger.js')
  const file = openLogFile(audit.path, { option: '[audit] path', logger: createLogger() })
  auditChanges((line) => file.write(line))({ via: 'command', command }, change)
  await file.close()
}
