import { AuthError } from '../../errors.js'
import { type BackupHead, describeCounts } from '../../registry/backup/backup-format.js'
import { parseHead } from '../../registry/backup/backup-record.js'
import { escaped } from '../../text/printable.js'
import { openLines } from './read-lines.js'

/**
 * Refuses to replace a backup by one that looks like a loss: of an older state, or with fewer than half of the users.
 * Whatever happened to the registry, the backup may be all there is to repair it with.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`
 */
export async function refuseSmallerBackup(path: string, next: BackupHead): Promise<void> {
  const there = await headOf(path)
  if (!there || (next.index >= there.index && next.users * 2 >= there.users)) return
  const [old, now] = [there, next].map((head) => `${describeCounts(head)} of state ${head.index}`)
  throw new AuthError(
    'ERR_CONFIG_INVALID',
    `${escaped(path)} is a backup of ${old}, and the registry has ${now}: name another file, or give --replace`,
  )
}

/** The first line of a backup; undefined if there is no file, or another one. */
async function headOf(path: string): Promise<BackupHead | undefined> {
  const file = await openLines(path).catch(() => undefined)
  try {
    for await (const [first] of file?.lines() ?? []) return parseHead(String(first))
  } catch {
    // what cannot be read as a backup is not worth more than one that can
  } finally {
    await file?.close()
  }
  return undefined
}
