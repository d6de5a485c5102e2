import { closeSync, openSync, readSync } from 'node:fs'
import { escaped } from '../../text/printable.js'
import { isPipe } from '../../text/regular-file.js'
import { fileReason, loadTextFile } from '../../text/text-file.js'
import { mistake } from '../mistake.js'

/** The most that is read as one password, in bytes. */
const LONGEST = 65_536

/**
 * The secret in a file, or in a pipe such as a shell's `<(pass show kapacitor)`; one newline at the end is not part of it.
 * A file that every user of the machine may read is named on standard error.
 *
 * @param flag names it in messages
 * @throws AuthError one line, if there is none
 */
export function readSecretFile(flag: string, path: string): string {
  const where = `${flag} ${escaped(path)}`
  if (isPipe(path)) return usable(where, decode(where, readPipe(where, path)))
  const file = loadTextFile(path, process.platform)
  if (!('text' in file)) throw mistake(`${where}: ${file.reason}`)
  if (file.isWorldReadable) {
    process.stderr.write(`kapacitor-auth: ${where}: every user of this machine may read it\n`)
  }
  if (Buffer.byteLength(file.text) > LONGEST)
    throw mistake(`${where}: longer than ${LONGEST} bytes`)
  return usable(where, file.text)
}

/** What a pipe gives, up to its end. */
function readPipe(where: string, path: string): Buffer {
  const chunks: Buffer[] = []
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    for (let length = 0; length <= LONGEST; ) {
      const chunk = Buffer.alloc(LONGEST)
      const size = readSync(descriptor, chunk)
      if (size === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, size))
      length += size
    }
  } catch (error) {
    throw mistake(`${where}: ${fileReason(error)}`)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
  throw mistake(`${where}: longer than ${LONGEST} bytes`)
}

/** The secret on standard input, up to its end, read likewise. @throws AuthError if it is a terminal */
export async function readSecretInput(flag: string): Promise<string> {
  const { stdin } = process
  if (stdin.isTTY) {
    throw mistake(`${flag}: standard input is a terminal; leave it out to be asked`)
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    chunks.push(chunk as Buffer)
    length += (chunk as Buffer).length
    if (length > LONGEST) throw mistake(`${flag}: longer than ${LONGEST} bytes`)
  }
  return usable(flag, decode(flag, Buffer.concat(chunks)))
}

function decode(where: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw mistake(`${where}: it is not UTF-8 text`)
  }
}

function usable(where: string, text: string): string {
  const secret = text.replace(/\r?\n$/, '')
  if (/[\r\n]$/.test(secret)) throw mistake(`${where}: more than one newline at the end`)
  if (secret === '') throw mistake(`${where}: it is empty`)
  if (secret.includes('\0')) throw mistake(`${where}: it contains a NUL byte`)
  return secret
}
