import { lstatSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuthError } from '../../errors.js'
import { syncDirectory } from '../../registry/lmdb/data-directory.js'
import { escaped } from '../../text/printable.js'

/** Takes one piece of a file. */
export type WritePiece = (piece: string) => Promise<void>

/**
 * Writes a file that its owner only may read: under another name first, which becomes `path` when all of it is safe on
 * disk. What was there before stays until then, and if `fill` throws.
 *
 * @throws AuthError `ERR_CONFIG_INVALID`, one line that names the path
 */
export async function writeFileWhole<T>(
  path: string,
  fill: (write: WritePiece) => Promise<T>,
): Promise<T> {
  refuseOther(path)
  const partial = `${path}.${process.pid}.partial`
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

  function failed(cause: Error): never {
    const message = `${escaped(path)} cannot be written: ${cause.message}`
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

/** Hands pieces to standard output, at its pace. @throws AuthError if nobody reads on */
export async function writeStdout(piece: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(piece, (error) => {
      if (!error) return resolve()
      const message = `standard output cannot be written: ${error.message}`
      reject(new AuthError('ERR_CONFIG_INVALID', message, { cause: error }))
    })
  })
}
