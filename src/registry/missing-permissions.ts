import { CLUSTER, hasPermission, type Permissions } from '../authz/permission.js'
import { shown } from '../text/printable.js'

/** How many are named. */
const LISTED = 5

/** What of `wanted` is not held, in words: `ReadData on database "telegraf"`; undefined if all is. */
export function firstMissing(held: Permissions, wanted: Permissions): string | undefined {
  for (const words of missing(held, wanted)) return words
  return undefined
}

/** The same, all of it: `ReadData on database "a", WriteData on all databases and 3 more`. */
export function allMissing(held: Permissions, wanted: Permissions): string | undefined {
  const all = [...missing(held, wanted)]
  const more = all.length - LISTED
  if (all.length === 0) return undefined
  return all.slice(0, LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function* missing(held: Permissions, wanted: Permissions): Generator<string> {
  for (const [scope, names] of wanted) {
    for (const name of names) {
      if (name === 'NoPermissions' || hasPermission(held, name, scope)) continue
      yield scope === CLUSTER ? `${name} on all databases` : `${name} on database ${shown(scope)}`
    }
  }
}
