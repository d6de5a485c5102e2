import { AuthError } from '../../errors.js'
import type { SubjectList } from './subject-list.js'

/** The list of subjects in force. A reload replaces it while those who are signed in go on. */
export interface Subjects {
  readonly list: SubjectList

  /** The issuers of the provider in force. Rejects with `ERR_PROVIDER_UNAVAILABLE` while only the provider could tell. */
  issuers(): Promise<readonly string[]>

  /** From now on that list counts. Who is not on it is refused from the next request on. */
  use(next: SubjectList): void

  /** Calls `listener` after each replacement. @returns a function that ends it */
  watch(listener: () => void): () => void
}

/** @param issuers the issuers of the provider in force, or the refusal @default there is no provider */
export function createSubjects(
  first: SubjectList,
  issuers: () => Promise<readonly string[] | AuthError> = async () => [],
): Subjects {
  const listeners = new Set<() => void>()
  let list = first
  return {
    get list() {
      return list
    },
    async issuers() {
      const known = await issuers()
      if (known instanceof AuthError) throw known
      return known
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
