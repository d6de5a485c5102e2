import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { getSystemErrorMap } from 'node:util'

/** A file's text, and whether every user of the machine may read it (never known on Windows). */
export interface TextFile {
  readonly text: string
  readonly isWorldReadable: boolean
}

/** A file that could not be read, and why. */
export interface Unreadable {
  readonly reason: string
  readonly isMissing: boolean
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ERR_FILE_TOO_LARGE: 'it is larger than 16 MiB',
  ERR_INVALID_ARG_VALUE: 'a path has no NUL in it',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
}

/** More than any text file that this program is given, so that one without an end (`/dev/zero`) is found out. */
const MAX_BYTES = 16 * 1024 * 1024
const CHUNK = 65_536

/**
 * A file's bytes and mode, of the same file even if another takes its place meanwhile. Throws as `openSync` does, and
 * `ERR_FILE_TOO_LARGE` for one of over 16 MiB.
 */
export function readFileAndMode(path: string): { bytes: Buffer; mode: number } {
  const descriptor = openSync(path, 'r')
  try {
    const { mode } = fstatSync(descriptor)
    return { bytes: readAll(descriptor), mode }
  } finally {
    closeSync(descriptor)
  }
}

/** Pipes, too, which do not tell their size. The pieces are overwritten: they may hold a secret. */
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
  throw Object.assign(new Error('too large'), { code: 'ERR_FILE_TOO_LARGE' })
}

/** Whether a file of that mode may be read by every user of the machine. */
export function isWorldReadable(mode: number, platform = process.platform): boolean {
  return platform !== 'win32' && (mode & 0o004) !== 0
}

/** Loads a file as UTF-8; a byte order mark is dropped. Never throws. */
export function loadTextFile(path: string, platform: NodeJS.Platform): TextFile | Unreadable {
  try {
    const { bytes, mode } = readFileAndMode(path)
    const text = decode(bytes)
    return { text, isWorldReadable: isWorldReadable(mode, platform) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return { reason: fileReason(error), isMissing: code === 'ENOENT' || code === 'ENOTDIR' }
  }
}

/** Why a file could not be read or written, in words. */
export function fileReason(error: unknown): string {
  const { code = '', errno = 0 } = error as NodeJS.ErrnoException
  return REASONS[code] ?? systemReason(errno) ?? code
}

/** Overwrites the bytes: small buffers share memory, in which a secret would stay for long. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } finally {
    bytes.fill(0)
  }
}

/** The operating system's words: `too many open files (EMFILE)`. */
function systemReason(errno: number): string | undefined {
  const [code, message] = getSystemErrorMap().get(errno) ?? []
  return message && `${message} (${code})`
}
