import type { Permissions } from '../../authz/permission.js'

/** More sources than this are not kept apart: it starts anew. */
const MOST = 1_000

/**
 * A function that returns, for what a source (a role) grants, the object that it returned for the same before, so that
 * accounts that were looked up at different times hold one copy and not each its own.
 */
export function createSharedPermissions() {
  const known = new Map<string, Permissions>()

  return function share(source: string, permissions: Permissions): Permissions {
    const before = known.get(source)
    if (before && isSame(before, permissions)) return before
    if (known.size >= MOST) known.clear()
    known.set(source, permissions)
    return permissions
  }
}

function isSame(a: Permissions, b: Permissions): boolean {
  if (a.size !== b.size) return false
  for (const [scope, names] of a) {
    const others = b.get(scope)
    if (others?.size !== names.size) return false
    for (const name of names) if (!others.has(name)) return false
  }
  return true
}
