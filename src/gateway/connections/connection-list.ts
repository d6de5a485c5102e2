/** Options of the `Connection` header that name no header (RFC 9110 §7.6.1), as they are mostly written. */
const BARE = /^(?:close|keep-alive)$/i

/**
 * Adds the header names that the value of a `Connection` header lists, in lower case: they concern one connection, and
 * are not forwarded.
 *
 * @returns `names`; undefined as long as nothing is listed
 */
export function listedByConnection(
  value: string,
  names: Set<string> | undefined,
): Set<string> | undefined {
  if (BARE.test(value)) return names
  const listed = names ?? new Set()
  for (const name of value.split(',')) listed.add(name.trim().toLowerCase())
  return listed
}

/** Takes the headers with these names out of a flat list of names and values. */
export function withoutListed(headers: readonly string[], listed: ReadonlySet<string>): string[] {
  return headers.filter((_, i) => !listed.has((headers[i & ~1] as string).toLowerCase()))
}
