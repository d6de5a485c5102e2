/**
 * Which accounts were answered that rest on the list of subjects or on a role, so that a change can be reported for each of
 * them. With more than `max` it gives up, and the next change concerns everybody.
 */
export interface AnsweredKeys {
  add(key: string, roles: readonly string[]): void

  /** All of them, or those with that role; undefined if they were too many. */
  concernedBy(role?: string): readonly string[] | undefined
}

export function createAnsweredKeys(max = 10_000): AnsweredKeys {
  const keys = new Map<string, readonly string[]>()
  let isFull = false
  return {
    add(key, roles) {
      if (!keys.has(key) && keys.size >= max) {
        keys.clear()
        isFull = true
      }
      keys.set(key, roles)
    },
    concernedBy(role) {
      if (isFull) {
        keys.clear()
        isFull = false
        return undefined
      }
      if (role === undefined) return [...keys.keys()]
      return [...keys].flatMap(([key, roles]) => (roles.includes(role) ? [key] : []))
    },
  }
}
