import { createHash } from 'node:crypto'
import { AuthError } from '../../errors.js'
import { type BackupHead, type BackupRecord, describeCounts } from './backup-format.js'
import { LineMistake } from './backup-line.js'
import { createBackupOrder } from './backup-order.js'
import { parseEnd, parseHead, parseLine, parseRecord } from './backup-record.js'

/** Lines without their ends, some at a time. */
export type LineBatches = AsyncIterable<readonly Buffer[]>

/** What a backup says about itself. */
export interface BackupEnd {
  readonly head: BackupHead
  readonly sha256: string
}

/**
 * Reads a backup to its end: each line, their order, the counts and the checksum.
 *
 * @param expected the checksum that it had before: another is refused
 * @returns head and checksum, once it has been read
 * @throws AuthError `ERR_REQUEST_INVALID` that names the line and the mistake
 */
export async function* readBackup(
  batches: LineBatches,
  expected?: string,
): AsyncGenerator<readonly BackupRecord[], BackupEnd> {
  const sum = createHash('sha256')
  const order = createBackupOrder()
  let head: BackupHead | undefined
  let sha256: string | undefined
  let number = 0

  function read(line: Buffer): BackupRecord | undefined {
    if (sha256 !== undefined) throw new LineMistake('something follows the end')
    const text = line.toString()
    if (head === undefined) head = parseFirstLine(text)
    else {
      const object = parseLine(text)
      const end = parseEnd(object)
      if (end !== undefined) {
        sha256 = sum.digest('hex')
        if (end !== sha256)
          throw new LineMistake('the checksum does not match: the file was changed')
        return undefined
      }
      const record = parseRecord(object, head.version)
      order.check(record)
      sum.update(line).update('\n')
      return record
    }
    sum.update(line).update('\n')
    return undefined
  }

  for await (const lines of batches) {
    const records: BackupRecord[] = []
    for (const line of lines) {
      number++
      try {
        const record = read(line)
        if (record) records.push(record)
      } catch (error) {
        if (!(error instanceof LineMistake)) throw error
        throw mistake(`line ${number}: ${error.message}`)
      }
    }
    yield records
  }
  if (head === undefined) throw mistake('the backup is empty')
  if (sha256 === undefined) {
    throw mistake(`the backup is cut off: its end is missing after line ${number}`)
  }
  const found = describeCounts(order.counts)
  if (found !== describeCounts(head)) {
    throw mistake(`the backup has ${found}, but line 1 says ${describeCounts(head)}`)
  }
  if (expected !== undefined && sha256 !== expected) {
    throw mistake('the backup was changed while it was read')
  }
  return { head, sha256 }
}

/** A first line that is not even JSON is that of another file, not of a damaged backup. */
function parseFirstLine(text: string): BackupHead {
  if (!text.startsWith('{')) throw mistake('this is not a backup of kapacitor-auth')
  return parseHead(text)
}

function mistake(message: string): AuthError {
  return new AuthError('ERR_REQUEST_INVALID', message)
}
