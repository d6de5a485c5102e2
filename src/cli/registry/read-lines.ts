import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { AuthError } from '../../errors.js'
import { escaped } from '../../text/printable.js'
import { fileReason } from '../../text/text-file.js'

/** So that opening a pipe does not wait for somebody who writes; Windows does not have it. */
const { O_RDONLY, O_NONBLOCK = 0 } = constants

const CHUNK = 262_144

/** A line of a backup is a user, or some hundred members: nothing needs this. */
const LONGEST_LINE = 64 * 1024 * 1024

/** An open file, whose lines can be read again and again. */
export interface LineFile {
  /** Its lines from the start, without their ends, as they come. @throws AuthError one line that names the path */
  lines(): AsyncGenerator<readonly Buffer[]>
  close(): Promise<void>
}

/**
 * @param onProgress called with the share of the file that is read by then, 0 to 1
 * @throws AuthError `ERR_CONFIG_INVALID`, one line that names the path
 */
export async function openLines(
  path: string,
  onProgress: (share: number) => void = () => {},
): Promise<LineFile> {
  const failed = (cause: Error): never => {
    const message = `${escaped(path)} cannot be read: ${fileReason(cause)}`
    throw new AuthError('ERR_CONFIG_INVALID', message, { cause })
  }
  const file = await open(path, O_RDONLY | O_NONBLOCK).catch(failed)
  const stats = await file.stat()
  if (!stats.isFile()) {
    await file.close()
    throw new AuthError(
      'ERR_CONFIG_INVALID',
      `${escaped(path)} is not a regular file, and it has to be read twice`,
    )
  }
  return {
    lines: () => linesOf(file, failed, (position) => onProgress(position / stats.size)),
    close: () => file.close(),
  }
}

async function* linesOf(
  file: FileHandle,
  failed: (cause: Error) => never,
  onProgress: (position: number) => void,
): AsyncGenerator<readonly Buffer[]> {
  let rest: Buffer[] = []
  let length = 0
  for (let position = 0; ; ) {
    const { buffer, bytesRead } = await file
      .read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, position)
      .catch(failed)
    if (bytesRead === 0) break
    position += bytesRead
    onProgress(position)
    const lines: Buffer[] = []
    let start = 0
    for (
      let end = buffer.indexOf(10);
      end >= 0 && end < bytesRead;
      end = buffer.indexOf(10, start)
    ) {
      lines.push(Buffer.concat([...rest, buffer.subarray(start, end)]))
      rest = []
      length = 0
      start = end + 1
    }
    if (start < bytesRead) rest.push(buffer.subarray(start, bytesRead))
    length += bytesRead - start
    if (length > LONGEST_LINE) {
      throw new AuthError(
        'ERR_REQUEST_INVALID',
        'this is not a backup of kapacitor-auth: it has a line of over 64 MiB',
      )
    }
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield [Buffer.concat(rest)]
}
