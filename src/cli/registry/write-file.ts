import { lstatSync, rmSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuthError } from '../../errors.js'
import { syncDirectory } from '../../registry/lmdb/data-directory.js'
import { escaped } from '../../text/printable.js'
import { fileReason } from '../../text/text-file.js'
import { interruptible } from '../terminal/interruptible.js'

/** Takes one piece of a file. */
export type WritePiece = (piece: string) => Promise<void>

/**
 * Writes a file that only its owner may read: under another name first, which becomes `path` when all of it is safe on
 * disk. What was there before stays until then, and if `fill` throws or the process is interrupted.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, one line that names the path
 */
export async function writeFileWhole<T>(
  path: string,
  fill: (write: WritePiece) => Promise<T>,
): Promise<T> {
  refuseOther(path)
  const partial = `${path}.${process.pid}.partial`
  return interruptible(
    write,
    () => `${escaped(path)} was not written`,
    () => rmSync(partial, { force: true }),
  )

  async function write(): Promise<T> {
    let file: FileHandle | undefined
    try {
      file = await open(partial, 'wx', 0o600).catch(failed)
      const own = file
      const result = await fill((piece) => own.writeFile(piece).catch(failed))
      await file.sync().catch(failed)
      await file.close()
      await rename(partial, path).catch(failed)
      syncDirectory(dirname(path))
      return result
    } catch (error) {
      if (file) {
        await file.close().catch(() => {})
        await rm(partial, { force: true })
      }
      throw error
    }
  }

  function failed(cause: Error): never {
    const message = `${escaped(path)} cannot be written: ${fileReason(cause)}`
    throw new AuthError('ERR_CONFIG_INVALID', message, { cause })
  }
}

/** A device, a pipe or a link must not be replaced by a file. */
function refuseOther(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined || stats.isFile()) return
  const what = stats.isDirectory() ? 'is a directory' : 'is not a regular file'
  throw new AuthError('ERR_CONFIG_INVALID', `${escaped(path)} ${what}: name a file, or - to print`)
}
