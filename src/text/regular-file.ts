import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { devNull } from 'node:os'

/** More than any file that this program is given, so that one without an end is found out. */
const MAX_BYTES = 16 * 1024 * 1024
const CHUNK = 65_536

/** Windows does not have it, nor pipes among its files. */
const { O_RDONLY, O_NONBLOCK = 0 } = constants

/** Whether it is a pipe, such as a shell's `<(pass show kapacitor)`. What cannot be looked at is none: reading it says why. */
export function isPipe(path: string): boolean {
  try {
    return statSync(path).isFIFO()
  } catch {
    return false
  }
}

/**
 * A file's bytes and mode, of the same file even if another takes its place meanwhile. It never waits: opening a pipe
 * that nobody writes would hold up the whole process for good. Only regular files are read, and `/dev/null`.
 *
 * Throws as `openSync` does, `ERR_NOT_REGULAR_FILE` for pipes, sockets and devices, and `ERR_FILE_TOO_LARGE` for one of
 * over 16 MiB.
 */
export function readRegularFile(path: string): { bytes: Buffer; mode: number } {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, O_RDONLY | O_NONBLOCK)
    const stats = fstatSync(descriptor)
    if (stats.isDirectory()) throw fault('EISDIR', 'it is a directory')
    if (!stats.isFile() && !isNull(stats)) throw notRegular()
    return { bytes: readAll(descriptor), mode: stats.mode }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A socket cannot be opened; a file of the kernel such as /proc/kmsg says that it is regular, but has to be waited for
    throw code === 'ENXIO' || code === 'EAGAIN' ? notRegular() : error
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** `/dev/null`, with which people say that there is no file. */
function isNull(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === statSync(devNull).rdev
}

/** Also what does not tell its size. The pieces are overwritten: they may hold a secret. */
function readAll(descriptor: number): Buffer {
  const pieces: Buffer[] = []
  for (let length = 0; length <= MAX_BYTES; ) {
    const piece = Buffer.alloc(CHUNK)
    const size = readSync(descriptor, piece)
    if (size === 0) {
      const bytes = Buffer.concat(pieces)
      for (const each of pieces) each.fill(0)
      return bytes
    }
    pieces.push(piece.subarray(0, size))
    length += size
  }
  throw fault('ERR_FILE_TOO_LARGE', 'it is larger than 16 MiB')
}

function notRegular(): Error {
  return fault('ERR_NOT_REGULAR_FILE', 'it is not a regular file')
}

function fault(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
