import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AuthError } from '../../errors.js'
import { type DataFileState, foreign } from './lmdb-file.js'
import { NO_READER } from './lmdb-files.js'
import { type ProbeResult, probeLmdbFiles } from './lmdb-probe.js'

/** What LMDB makes of a new registry: two pages, then some more, and the table of readers. */
const NEEDED_BYTES = 256 * 1024

/**
 * Makes sure that LMDB can make its files. It maps them before they have room on the disk, and a process that writes to
 * such a page of a full disk is ended by a signal.
 *
 * @throws AuthError `ERR_STORE_UNAVAILABLE`
 */
export function requireSpace(directory: string): void {
  if (hasRoom(join(directory, 'data.mdb')) && hasRoom(join(directory, 'lock.mdb'))) return
  const file = join(directory, `${process.pid}.space`)
  try {
    const descriptor = openSync(file, 'w', 0o600)
    try {
      for (let left = NEEDED_BYTES; left > 0; ) {
        left -= writeSync(descriptor, Buffer.alloc(Math.min(left, 65_536), 1))
      }
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (cause) {
    throw isFull(cause) ? full(directory, cause) : cause
  } finally {
    rmSync(file, { force: true })
  }
}

/** Whether a file is there, and its start is on the disk. */
function hasRoom(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || stats.size === 0) return false
  return process.platform === 'win32' || stats.blocks > 0
}

/**
 * Reads all of the files in another process, and holds them against their check.
 *
 * @throws AuthError that says what to do, if they are damaged
 */
export async function requireWhole(
  directory: string,
  file: string,
  state: DataFileState,
): Promise<void> {
  const result: ProbeResult = await probeLmdbFiles(directory)
  switch (result.state) {
    case 'whole':
      return
    case 'failed':
      if (!DAMAGED.test(result.reason)) throw notOpened(directory, new Error(result.reason))
  }
  throw foreign(file, state === 'short' ? 'is cut short' : 'is damaged')
}

/** What LMDB says of pages that are not what they should be (`mdb_strerror`). */
const DAMAGED = /^MDB_(?:CORRUPTED|PAGE_NOTFOUND|INVALID|PANIC)/

/** What is said when LMDB does not open its files. */
export function notOpened(directory: string, cause: Error): AuthError {
  if (isFull(cause)) return full(directory, cause)
  return new AuthError('ERR_STORE_UNAVAILABLE', `${directory} ${reasonOf(cause)}`, { cause })
}

function reasonOf({ message }: Error): string {
  // LMDB locks the id of each process that reads; two have the same one only in different namespaces of ids
  if (message === NO_READER || message.includes('No transaction to renew')) {
    return `is in use by another process with the id ${process.pid}, as in two containers: run this in the container that uses it (docker exec), or with its process ids (docker run --pid=container:NAME)`
  }
  return `cannot be opened: ${message}`
}

function isFull(cause: unknown): boolean {
  const { code, message } = cause as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' || /No space left|quota exceeded/i.test(message)
}

function full(directory: string, cause: unknown): AuthError {
  const message = `${directory} cannot be written to: there is no space left on the disk`
  return new AuthError('ERR_STORE_UNAVAILABLE', message, { cause })
}
