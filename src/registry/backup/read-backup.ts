import { createHash } from 'node:crypto'
import { AuthError } from '../../errors.js'
import { shown } from '../../text/printable.js'
import { type BackupHead, type BackupRecord, describeCounts } from './backup-format.js'
import { LineMistake, parseEnd, parseHead, parseLine, parseRecord } from './backup-record.js'

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
  const order = createOrder()
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

/** Users, then roles, each followed by its members; all in order, so that nothing is there twice. */
function createOrder() {
  const counts = { users: 0, roles: 0, members: 0 }
  let user: string | undefined
  let role: string | undefined
  let member: string | undefined

  function follow(what: string, before: string | undefined, name: string): string {
    if (before === undefined || Buffer.compare(Buffer.from(before), Buffer.from(name)) < 0) {
      return name
    }
    const how = before === name ? 'is there twice' : `does not come after ${shown(before)}`
    throw new LineMistake(`${what} ${shown(name)} ${how}`)
  }

  return {
    counts,
    check(record: BackupRecord): void {
      switch (record.kind) {
        case 'user':
          if (role !== undefined) throw new LineMistake('a user after the roles')
          user = follow('user', user, record.name)
          counts.users++
          break
        case 'role':
          role = follow('role', role, record.name)
          member = undefined
          counts.roles++
          break
        case 'members':
          if (record.of !== role) {
            throw new LineMistake(`members of ${shown(record.of)} do not follow that role`)
          }
          for (const name of record.names) member = follow('member', member, name)
          counts.members += record.names.length
      }
    },
  }
}

function mistake(message: string): AuthError {
  return new AuthError('ERR_REQUEST_INVALID', message)
}
