import { reservedPrefix } from '../authz/shown-name.js'
import { AuthError } from '../errors.js'

/** The longest name of a user, role or database, in bytes of UTF-8. Two of them fit into a store's key. */
const MAX_NAME_BYTES = 255

/** What is wrong with a name, as the end of a sentence; undefined if nothing is. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (!name.isWellFormed()) return 'holds half a surrogate pair'
  if (/\p{Cc}/u.test(name)) return 'holds a control character'
  const bytes = Buffer.byteLength(name)
  if (bytes > MAX_NAME_BYTES) return `is ${bytes} bytes long, ${MAX_NAME_BYTES} are allowed`
  return undefined
}

/** What is wrong with a name that is to be new, as the end of a sentence. Users and roles that have it already keep it. */
export function newNameFault(name: string): string | undefined {
  const reserved = reservedPrefix(name)
  return reserved ? `begins with "${reserved}", which is reserved` : nameFault(name)
}

/**
 * What is wrong with the name of a user to be made. One with a colon could never sign in by HTTP Basic, where the name
 * ends at the first colon (RFC 7617 §2); users of other registries that have one are kept.
 */
export function newUserFault(name: string): string | undefined {
  const fault = newNameFault(name)
  if (fault || !name.includes(':')) return fault
  return 'holds a colon, and could not sign in by HTTP Basic'
}

/** @throws AuthError `ERR_REQUEST_INVALID` if it cannot be the name of a new one */
export function requireNewName(what: 'user' | 'role', name: string): void {
  const fault = newNameFault(name)
  if (fault) throw new AuthError('ERR_REQUEST_INVALID', `the ${what}'s name ${fault}`)
}
