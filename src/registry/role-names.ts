import { ROLES } from './role-record.js'
import type { Snapshot } from './store/store.js'

/** The name of the role of that id; undefined if there is no such role. */
export type RoleName = (snapshot: Snapshot, id: string) => Promise<string | undefined>

/**
 * The registry finds roles by name; this finds the name. What was true once is asked for and not believed: all roles
 * are gone through only where one is new, or has another name now.
 */
export function createRoleNames(): RoleName {
  let names: ReadonlyMap<string, string> = new Map()

  return async function roleName(snapshot, id) {
    const known = names.get(id)
    if (known !== undefined && (await snapshot.get([...ROLES, known])) === id) return known
    const current = new Map<string, string>()
    for await (const { key, value } of snapshot.range(ROLES)) {
      current.set(value as string, key[1] as string)
    }
    names = current
    return current.get(id)
  }
}
