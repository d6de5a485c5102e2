import { accessSync, constants, lstatSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { cannotWrite } from './log-file.js'

/**
 * Checks whether `openLogFile` could open the file, without creating it: a file that can be written, or a directory where
 * one can be created. Whether a pipe has a reader is left to the start.
 *
 * @throws AuthError as `openLogFile` does
 */
export function checkLogFile(path: string, option: string): void {
  try {
    checkWritable(path)
  } catch (cause) {
    throw cannotWrite(path, option, cause)
  }
}

function checkWritable(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory()) throw new Error('it is a directory')
  if (stats?.isSocket()) throw new Error('it is a socket')
  if (stats) accessSync(path, constants.W_OK)
  else if (lstatSync(path, { throwIfNoEntry: false })) throw new Error(LOST)
  else if (path.endsWith('/')) throw new Error('it does not name a file')
  else {
    const parent = dirname(path)
    if (!statSync(parent).isDirectory()) throw new Error(`${parent} is not a directory`)
    accessSync(parent, constants.W_OK | constants.X_OK)
  }
}

const LOST = 'it is a symbolic link to a file that does not exist'
