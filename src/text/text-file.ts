import { getSystemErrorMap } from 'node:util'
import { readRegularFile } from './regular-file.js'

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
  ERR_NOT_REGULAR_FILE: 'it is not a regular file',
  ERR_FILE_TOO_LARGE: 'it is larger than 16 MiB',
  ERR_INVALID_ARG_VALUE: 'a path has no NUL in it',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
}

/** Whether a file of that mode may be read by every user of the machine. */
export function isWorldReadable(mode: number, platform = process.platform): boolean {
  return platform !== 'win32' && (mode & 0o004) !== 0
}

/** Loads a file as UTF-8; a byte order mark is dropped. Never throws. */
export function loadTextFile(path: string, platform: NodeJS.Platform): TextFile | Unreadable {
  try {
    const { bytes, mode } = readRegularFile(path)
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
