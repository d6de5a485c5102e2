import { decodeQuery } from './decode-query.js'

/** What some servers skip before a name. */
const SKIPPED = /^[?\s]+/

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

/**
 * Whether the name of a query's pair, as it stands in the query, is one of those that `isWanted` wants. The one reading
 * for all code that takes parameters out of a query, refuses or hides them.
 *
 * @returns undefined where servers read it differently: with a broken escape, bytes that are not UTF-8 or control
 *   characters (`p%00`); or with spaces around or a question mark before a wanted name (`+u`, `u+`), which some skip
 */
export function isParameter(
  rawName: string,
  isWanted: (name: string) => boolean,
): boolean | undefined {
  const name = decodeQuery(rawName)
  if (name === undefined || CONTROL.test(name)) return undefined
  if (isWanted(name)) return true
  return isWanted(name.trim().replace(SKIPPED, '')) ? undefined : false
}
