import type { MetaClientLog } from '../wire/event.js'
import type { PermissionReport } from './permissions.js'

/** A meta node is not trusted to stop inventing names. */
const MAX_NAMES = 100
const MAX_LENGTH = 64

/** Reports each name once, cut to 64 characters; after a hundred unknown names no more of them. */
export function createPermissionReport(log: MetaClientLog | undefined): PermissionReport {
  const unknown = new Set<string>()
  const scoped = new Set<string>()
  return {
    unknown(text) {
      const name = text.slice(0, MAX_LENGTH)
      if (unknown.has(name) || unknown.size === MAX_NAMES) return
      unknown.add(name)
      log?.({ event: 'permission-unknown', name })
    },
    scoped(name, scope) {
      if (scoped.has(name)) return
      scoped.add(name)
      log?.({ event: 'permission-scoped', name, scope: scope.slice(0, MAX_LENGTH) })
    },
  }
}
