import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { AuthError } from '../../errors.js'
import { checkDirectory } from './data-directory.js'
import { inspectDataFile } from './lmdb-file.js'

/**
 * Whether the store of one machine can be opened in `directory`, as far as that shows from outside: nothing is made
 * and nothing is opened, and damage inside of the data is not looked for.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` or `ERR_STORE_UNAVAILABLE`, one line that names the path
 */
export function checkLmdbFiles(directory: string): void {
  checkDirectory(directory)
  try {
    const file = join(directory, 'data.mdb')
    inspectDataFile(file)
    for (const path of [file, join(directory, 'lock.mdb')]) checkAccess(path)
  } catch (cause) {
    if (cause instanceof AuthError) throw cause
    const message = `${directory} cannot be opened: ${(cause as Error).message}`
    throw new AuthError('ERR_STORE_UNAVAILABLE', message, { cause })
  }
}

function checkAccess(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
