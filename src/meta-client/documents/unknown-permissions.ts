import type { MetaClientLog } from '../wire/event.js'
import type { UnknownPermission } from './permissions.js'

/** A meta node is not trusted to stop inventing names. */
const MAX_NAMES = 100
const MAX_LENGTH = 64

/** Reports each unknown permission once, cut to 64 characters; after a hundred names no more. */
export function createUnknownPermissions(log: MetaClientLog | undefined): UnknownPermission {
  const told = new Set<string>()
  return function unknownPermission(text) {
    const name = text.slice(0, MAX_LENGTH)
    if (told.has(name) || told.size === MAX_NAMES) return
    told.add(name)
    log?.({ event: 'permission-unknown', name })
  }
}
