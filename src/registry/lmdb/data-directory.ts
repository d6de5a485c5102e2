import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { AuthError } from '../../errors.js'

/**
 * Makes sure that there is a directory to keep the registry in, and that it can be written to. One that is
 * made here can be entered by its owner only.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if it is something else, `ERR_STORE_UNAVAILABLE` if it is out of
 *   reach; one line that names the path
 */
export function prepareDirectory(path: string): void {
  ensure(path, makeDirectory)
}

/**
 * Whether `prepareDirectory` could do its work, found out without making anything.
 *
 * @throws AuthError as `prepareDirectory` does
 */
export function checkDirectory(path: string): void {
  ensure(path, checkParent)
}

function ensure(path: string, ifMissing: (path: string) => void): void {
  try {
    if (isDirectory(path)) accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    else ifMissing(path)
  } catch (cause) {
    if (cause instanceof AuthError) throw cause
    throw new AuthError('ERR_STORE_UNAVAILABLE', messageOf(path, cause), { cause })
  }
}

function isDirectory(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || stats.isDirectory()) return stats !== undefined
  throw new AuthError('ERR_CONFIG_INVALID', `${path} is a file: name a directory`)
}

/** With its parents. Node's own way of making those never ends where `/proc` and the like refuse. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && isDirectory(path)) return
    const parent = dirname(path)
    if (code !== 'ENOENT' || parent === path) throw error
    makeDirectory(parent)
    mkdirSync(path, { mode: 0o700 })
  }
}

/** That the nearest part of the path that exists is a directory in which another can be made. */
function checkParent(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })) throw new Error('it is a link that leads nowhere')
  const parent = dirname(path)
  const stats = statSync(parent, { throwIfNoEntry: false })
  if (stats === undefined && parent !== path) checkParent(parent)
  else if (stats?.isDirectory()) accessSync(parent, constants.W_OK | constants.X_OK)
  else throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' })
}

function messageOf(path: string, cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
      return `${path} cannot be written to: give this user the right to, or name another directory`
    case 'EROFS':
      return `${path} is on a read-only file system: name another directory`
    case 'ENOTDIR':
      return `${path} cannot be made: a part of the path is a file`
    default:
      return `${path} cannot be used: ${(cause as Error).message}`
  }
}

/** Makes the files unreadable for other users, whatever mode they were restored with. */
export function hideFiles(...paths: readonly string[]): void {
  for (const path of paths) {
    try {
      if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
    } catch {
      // Another user's file that may be written to all the same: its mode is up to them
    }
  }
}

/** Makes sure that the directory's entries survive a power cut, where the system can be asked to. */
export function syncDirectory(path: string): void {
  try {
    const directory = openSync(path, 'r')
    fsyncSync(directory)
    closeSync(directory)
  } catch {
    // Some systems and file systems cannot; then they do it by themselves
  }
}
