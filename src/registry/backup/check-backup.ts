import { isUsableHash } from '../../authn/passwords/password-hash.js'
import { CLUSTER, type Permission, type Permissions } from '../../authz/permission.js'
import { AuthError } from '../../errors.js'
import { shown } from '../../text/printable.js'
import { EVERY_PERMISSION } from '../grants.js'
import type { BackupRecord } from './backup-format.js'
import { type BackupEnd, type LineBatches, readBackup } from './read-backup.js'

export interface CheckedBackup extends BackupEnd {
  /** Whether somebody in it holds all permissions, by their own or through roles. */
  readonly hasAdmin: boolean
  /** How many users have a hash that no password can be checked against here. */
  readonly unusableHashes: number
}

/** A bit for each permission that an administrator holds. */
const BIT = new Map<Permission, number>(EVERY_PERMISSION.map((name, i) => [name, 1 << i]))
const EVERY = [...BIT.values()].reduce((all, bit) => all | bit)

/**
 * Reads a whole backup and finds out what cannot be seen line by line. All users' names are in memory meanwhile.
 *
 * @throws AuthError `ERR_REQUEST_INVALID` that names line or role, and the mistake
 */
export async function checkBackup(batches: LineBatches): Promise<CheckedBackup> {
  /** By user, what is held cluster-wide. */
  const held = new Map<string, number>()
  let ofRole = 0
  let unusableHashes = 0
  let hasAdmin = false

  function look(record: BackupRecord): void {
    switch (record.kind) {
      case 'user':
        note(record.name, bitsOf(record.permissions))
        if (!isUsableHash(record.hash)) unusableHashes++
        break
      case 'role':
        ofRole = bitsOf(record.permissions)
        break
      case 'members':
        for (const name of record.names) {
          const bits = held.get(name)
          if (bits === undefined) throw unknownMember(record.of, name)
          if (ofRole !== 0) note(name, bits | ofRole)
        }
    }
  }

  function note(name: string, bits: number): void {
    held.set(name, bits)
    if (bits === EVERY) hasAdmin = true
  }

  const backup = readBackup(batches)
  for (;;) {
    const step = await backup.next()
    if (step.done) return { ...step.value, hasAdmin, unusableHashes }
    step.value.forEach(look)
  }
}

function bitsOf(permissions: Permissions): number {
  let bits = 0
  for (const name of permissions.get(CLUSTER) ?? []) bits |= BIT.get(name) ?? 0
  return bits
}

function unknownMember(role: string, name: string): AuthError {
  const message = `role ${shown(role)} has the member ${shown(name)}, who is not a user of the backup`
  return new AuthError('ERR_REQUEST_INVALID', message)
}
