import type { SubjectList } from './subject-list.js'

/** The list of subjects in force. A reload replaces it while those who are signed in go on. */
export interface Subjects {
  readonly list: SubjectList

  /** From now on that list counts. Who is not on it is refused from the next request on. */
  use(next: SubjectList): void

  /** Calls `listener` after each replacement. @returns a function that ends it */
  watch(listener: () => void): () => void
}

export function createSubjects(first: SubjectList): Subjects {
  const listeners = new Set<() => void>()
  let list = first
  return {
    get list() {
      return list
    },
    use(next) {
      list = next
      for (const listener of listeners) listener()
    },
    watch(listener) {
      const own = () => listener()
      listeners.add(own)
      return () => void listeners.delete(own)
    },
  }
}
