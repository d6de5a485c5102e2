import { MEMBERS, membersOf } from './membership.js'
import { GRANTS } from './role-record.js'
import type { Snapshot, StoreChange } from './store/store.js'
import { USERS } from './user-record.js'

/** Changes of more users than this are reported as changes of any user: it is cheaper to look all of them up again. */
const MOST_NAMES = 1_000

/**
 * The users that those changes affect: a role's change affects its members.
 *
 * @param snapshot of a state that the changes have led to
 * @returns undefined if it may be anybody, or they are too many to name
 */
export async function concerned(
  snapshot: Snapshot,
  changes: readonly StoreChange[],
): Promise<ReadonlySet<string> | undefined> {
  const names = new Set<string>()
  for (const { keys } of changes) {
    if (!keys) return undefined
    for (const [kind, first, second] of keys) {
      if (first === undefined) continue
      if (kind === USERS[0]) names.add(first)
      else if (kind === MEMBERS[0] && second !== undefined) names.add(second)
      else if (kind === GRANTS[0]) {
        for await (const name of membersOf(snapshot, first)) {
          if (names.add(name).size > MOST_NAMES) break
        }
      }
      if (names.size > MOST_NAMES) return undefined
    }
  }
  return names
}
