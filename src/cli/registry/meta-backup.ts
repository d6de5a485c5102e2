import type { Config } from '../../config/config.js'
import { AuthError } from '../../errors.js'
import { backUp } from '../../registry/backup/backup.js'
import { describeCounts } from '../../registry/backup/backup-format.js'
import { restore } from '../../registry/backup/restore.js'
import { createRegistry } from '../../registry/registry.js'
import { openStore, requireRegistry } from '../../serve/open-store.js'
import { escaped } from '../../text/printable.js'
import { openLines } from './read-lines.js'
import { writeFileWhole, writeStdout } from './write-file.js'

/** The command: writes users, roles and permissions to a file, or with `-` to standard output. */
export async function runBackup(config: Config, path: string): Promise<void> {
  requireRegistry(config)
  const store = await openStore(config)
  try {
    const registry = createRegistry(store)
    const head =
      path === '-'
        ? await backUp(registry, writeStdout)
        : await writeFileWhole(path, (write) => backUp(registry, write))
    const where = path === '-' ? 'standard output' : escaped(path)
    say(`${describeCounts(head)} of state ${head.index} are in ${where}`)
  } finally {
    await store.close()
  }
}

export interface RestoreFlags {
  readonly replace?: boolean
  readonly withoutAdmin?: boolean
}

/** The command: makes the registry what a backup says. */
export async function runRestore(config: Config, path: string, flags: RestoreFlags): Promise<void> {
  const { replace = false, withoutAdmin = false } = flags
  const file = await openLines(path)
  let isWhole = true
  try {
    const store = await openStore(config)
    isWhole = store.maxWrites === Number.POSITIVE_INFINITY
    try {
      const backup = await restore(store, file.lines, { replace, withoutAdmin })
      const { head, unusableHashes } = backup
      if (unusableHashes > 0) {
        say(
          `${unusableHashes} of the users have no hash that can be checked here: set their passwords`,
        )
      }
      say(`restored ${describeCounts(head)}, of ${escaped(head.time)}`)
    } finally {
      await store.close()
    }
  } catch (error) {
    throw error instanceof AuthError && error.code === 'ERR_REQUEST_INVALID'
      ? new AuthError(
          error.code,
          `${escaped(path)}: ${error.message}${isWhole ? '; nothing was changed' : ''}`,
        )
      : error
  } finally {
    await file.close()
  }
}

/** To standard error, since standard output may be the backup. */
function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
