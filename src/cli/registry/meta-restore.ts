import type { Config } from '../../config/config.js'
import { AuthError } from '../../errors.js'
import { describeCounts } from '../../registry/backup/backup-format.js'
import { checkForRestore, restoreChecked } from '../../registry/backup/restore.js'
import { openStore } from '../../serve/meta-node/open-store.js'
import { escaped } from '../../text/printable.js'
import { interruptible } from '../terminal/interruptible.js'
import { auditCommand } from './audit-command.js'
import { startWork } from './long-work.js'
import { openLines } from './read-lines.js'

export interface RestoreFlags {
  readonly replace?: boolean
  readonly withoutAdmin?: boolean
}

/** The command: makes the registry what a backup says. */
export async function runRestore(config: Config, path: string, flags: RestoreFlags): Promise<void> {
  const { replace = false, withoutAdmin = false } = flags
  const work = startWork()
  let readings = 0
  const file = await openLines(path, (share) => {
    const what = readings === 1 ? 'checking the backup' : 'restoring'
    work.progress(`${what}: ${Math.floor(share * 100)} %`)
  })
  const open = () => {
    readings++
    return file.lines()
  }
  let isWhole = true
  let isDone = false
  const consequence = () => {
    if (isDone) return 'the registry was restored'
    if (isWhole || readings < 2) return 'nothing was changed'
    return 'the registry has some of the old and some of the new: restore it again'
  }
  try {
    await interruptible(async () => {
      // First the backup: a registry that is made for one that cannot be restored would be an empty one
      const backup = await checkForRestore(open, withoutAdmin)
      const store = await openStore(config)
      isWhole = store.maxWrites === Number.POSITIVE_INFINITY
      try {
        await restoreChecked(store, open, backup, replace)
        const { head, unusableHashes } = backup
        isDone = true
        work.end()
        const { users, roles, tokens, subscriptions } = head
        await auditCommand(config, 'meta restore', {
          ...{ outcome: 'made', change: 'restore', subject: 'registry' },
          after: { users, roles, tokens, subscriptions },
        })
        if (unusableHashes > 0) {
          say(
            `${unusableHashes} of the users have no hash that can be checked here: set their passwords`,
          )
        }
        say(`restored ${describeCounts(head)}, of ${escaped(head.time)}`)
      } finally {
        await store.close()
      }
    }, consequence)
  } catch (error) {
    if (!(error instanceof AuthError && error.code === 'ERR_REQUEST_INVALID')) throw error
    const unchanged = isWhole ? '; nothing was changed' : ''
    throw new AuthError(error.code, `${escaped(path)}: ${error.message}${unchanged}`)
  } finally {
    work.end()
    await file.close()
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
