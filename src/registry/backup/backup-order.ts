import { shown } from '../../text/printable.js'
import type { BackupRecord } from './backup-format.js'
import { LineMistake } from './backup-line.js'

/** The kinds of lines in their order; a role's members follow it. */
const KINDS = ['user', 'role', 'token', 'subscription'] as const

const PLURAL = { user: 'users', role: 'roles', token: 'tokens', subscription: 'subscriptions' }

/**
 * Checks the order of a backup's lines and counts them: users, then roles, each followed by its members, then tokens of both
 * kinds; each in order, so that nothing is there twice.
 */
export function createBackupOrder() {
  const counts = { users: 0, roles: 0, members: 0, tokens: 0, subscriptions: 0 }
  const last = new Map<(typeof KINDS)[number], string>()
  const digests = new Set<string>()
  let member: string | undefined

  function follow(what: string, before: string | undefined, name: string): string {
    if (before === undefined || Buffer.compare(Buffer.from(before), Buffer.from(name)) < 0) {
      return name
    }
    const how = before === name ? 'is there twice' : `does not come after ${shown(before)}`
    throw new LineMistake(`${what} ${shown(name)} ${how}`)
  }

  /** One of a kind that nothing of a later kind precedes. */
  function next(kind: (typeof KINDS)[number], name: string): void {
    for (const later of KINDS.slice(KINDS.indexOf(kind) + 1)) {
      if (last.has(later)) throw new LineMistake(`a ${kind} after the ${PLURAL[later]}`)
    }
    last.set(kind, follow(kind, last.get(kind), name))
  }

  function checkDigest(digest: string): void {
    if (digests.has(digest)) throw new LineMistake('two tokens have the same digest')
    digests.add(digest)
  }

  return {
    counts,
    check(record: BackupRecord): void {
      switch (record.kind) {
        case 'user':
          next('user', record.name)
          counts.users++
          break
        case 'role':
          next('role', record.name)
          member = undefined
          counts.roles++
          break
        case 'members':
          if (record.of !== last.get('role') || last.has('token') || last.has('subscription')) {
            throw new LineMistake(`members of ${shown(record.of)} do not follow that role`)
          }
          for (const name of record.names) member = follow('member', member, name)
          counts.members += record.names.length
          break
        case 'token':
          next('token', record.id)
          checkDigest(record.digest)
          counts.tokens++
          break
        case 'subscription':
          next('subscription', record.id)
          checkDigest(record.digest)
          counts.subscriptions++
      }
    },
  }
}
