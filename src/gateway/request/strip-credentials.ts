import { isParameter } from '../../http/parameter-name.js'

/** Names of query parameters that carry credentials. */
const isCredential = (name: string) => name === 'u' || name === 'p'

/**
 * A query without the pairs named `u` and `p`, in whatever spelling; the other pairs byte for byte.
 *
 * Refused is what one server would take for credentials and another would not, because neither dropping nor
 * keeping it would be right for both: `u` or `p` behind or before a raw `;` (once a separator, today part of the
 * value, or reason to ignore the pair), behind a second `?` or a space (which some skip). And names that servers
 * decode differently: with a broken escape, with bytes that are not UTF-8, with control characters. Values are
 * not looked at.
 *
 * @returns '' if nothing is left; undefined for a query that is refused
 */
export function stripCredentials(query: string): string | undefined {
  const pairs = query.split('&')
  let kept: string[] | undefined
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as string
    const found = pair.includes(';') ? findInParts(pair) : findCredential(pair)
    if (found === undefined) return undefined
    if (found) kept ??= pairs.slice(0, i)
    else kept?.push(pair)
  }
  return kept === undefined ? query : kept.join('&')
}

/** Whether a pair without `;` carries a credential; undefined if its name can be read in two ways. */
function findCredential(pair: string): boolean | undefined {
  const equals = pair.indexOf('=')
  return isParameter(equals < 0 ? pair : pair.slice(0, equals), isCredential)
}

/** No credential may be in a pair with `;`, on either reading of it. */
function findInParts(pair: string): false | undefined {
  return pair.split(';').every((part) => findCredential(part) === false) ? false : undefined
}
