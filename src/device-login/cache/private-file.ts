import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AuthError } from '../../errors.js'
import { escaped } from '../../text/printable.js'
import { fileReason } from '../../text/text-file.js'

/** The most that is read. */
const LONGEST = 1024 * 1024

/** Windows has neither; there the folder is the user's own. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants

/**
 * Makes a folder that only its owner may look into, if it is not there.
 *
 * @throws AuthError one line, if it is a link, another user's, or open to others
 */
export function ensurePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    checkPrivate(path, lstatSync(path), 'folder')
  } catch (error) {
    throw fault(path, error, 'made')
  }
}

/**
 * A file that only its owner may read; undefined if there is none. No link is followed.
 *
 * @throws AuthError one line, if it is a link, another user's, or open to others
 */
export function readPrivateFile(path: string): string | undefined {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const stats = fstatSync(descriptor)
    checkPrivate(path, stats, 'file')
    if (stats.size > LONGEST) throw refusal(path, 'is larger than 1 MiB')
    return readFileSync(descriptor, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw fault(path, error, 'read')
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/**
 * Writes such a file: under another name first, which takes the place of `path` when all of it is safe on disk. A link
 * that stands there is replaced, not followed.
 */
export function writePrivateFile(path: string, text: string): void {
  const partial = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.partial`
  try {
    const descriptor = openSync(partial, 'wx', 0o600)
    try {
      writeFileSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(partial, path)
  } catch (error) {
    rmSync(partial, { force: true })
    throw fault(path, error, 'written')
  }
}

/** Removes what processes that died in `writePrivateFile` have left. Not while another one writes. */
export function removePartials(path: string): void {
  const folder = dirname(path)
  const prefix = `${basename(path)}.`
  for (const name of readdirSync(folder)) {
    if (name.startsWith(prefix) && name.endsWith('.partial')) rmSync(join(folder, name))
  }
}

function checkPrivate(path: string, stats: Stats, expected: 'file' | 'folder'): void {
  if (stats.isSymbolicLink()) throw refusal(path, 'is a link, and is not followed: remove it')
  const isExpected = expected === 'file' ? stats.isFile() : stats.isDirectory()
  if (!isExpected) throw refusal(path, `is not a ${expected}: remove it`)
  const uid = process.geteuid?.()
  if (uid === undefined) return
  if (stats.uid !== uid) throw refusal(path, 'belongs to another user')
  if ((stats.mode & 0o077) !== 0) {
    const mode = expected === 'file' ? '600' : '700'
    throw refusal(path, `can be used by others: run chmod ${mode} on it, or remove it`)
  }
}

function refusal(path: string, says: string): AuthError {
  return new AuthError('ERR_CONFIG_INVALID', `${escaped(path)} ${says}`)
}

function fault(path: string, error: unknown, done: string): AuthError {
  if (error instanceof AuthError) return error
  const { code } = error as NodeJS.ErrnoException
  // What opening a link says, where it is not to be followed
  if (code === 'ELOOP' || code === 'EMLINK') {
    return refusal(path, 'is a link, and is not followed: remove it')
  }
  return refusal(path, `cannot be ${done}: ${fileReason(error)}`)
}
