import type { Config } from '../../config/config.js'
import { backUp } from '../../registry/backup/backup.js'
import { type BackupHead, describeCounts } from '../../registry/backup/backup-format.js'
import { createRegistry } from '../../registry/registry.js'
import { openExistingStore, registryPlace } from '../../serve/meta-node/open-store.js'
import { escaped } from '../../text/printable.js'
import { print } from '../../text/standard-output.js'
import { mistake } from '../mistake.js'
import { startWork } from './long-work.js'
import { refuseSmallerBackup } from './refuse-smaller-backup.js'
import { type WritePiece, writeFileWhole } from './write-file.js'

export interface BackupFlags {
  readonly replace?: boolean
}

/** The command: writes users, roles and permissions to a file, or with `-` to standard output. */
export async function runBackup(config: Config, path: string, flags: BackupFlags): Promise<void> {
  const store = await openExistingStore(config)
  if (!store) throw mistake(`there is no registry in ${registryPlace(config)}`)
  const work = startWork()
  const write = (piece: WritePiece) =>
    backUp(createRegistry(store), piece, new Date(), (done, all) =>
      work.progress(`${done} of ${all} users and memberships`),
    )
  try {
    const head = path === '-' ? await write(print) : await writeFile()
    work.end()
    const where = path === '-' ? 'standard output' : escaped(path)
    // To standard error, since standard output may be the backup
    process.stderr.write(`${describeCounts(head)} of state ${head.index} are in ${where}\n`)
  } finally {
    work.end()
    await store.close()
  }

  function writeFile(): Promise<BackupHead> {
    return writeFileWhole(path, async (piece) => {
      const head = await write(piece)
      if (!flags.replace) await refuseSmallerBackup(path, head)
      return head
    })
  }
}
