/** The longest name of a user, role or database, in bytes of UTF-8. Two of them fit into a store's key. */
export const MAX_NAME_BYTES = 255

/** What is wrong with a name, as the end of a sentence; undefined if nothing is. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (!name.isWellFormed()) return 'holds half a surrogate pair'
  if (/\p{Cc}/u.test(name)) return 'holds a control character'
  const bytes = Buffer.byteLength(name)
  if (bytes > MAX_NAME_BYTES) return `is ${bytes} bytes long, ${MAX_NAME_BYTES} are allowed`
  return undefined
}
