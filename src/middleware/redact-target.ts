import { decodeQuery } from '../http/decode-query.js'
import { isParameter } from '../http/parameter-name.js'

/** Names of query parameters that hold a password or a token, or a statement that may hold one. */
const SECRET = /^(?:u|p|q|params|password|token|access_token)$/i
const isSecretName = (name: string) => SECRET.test(name)

/** Name and password before the host of an absolute-form target (RFC 9112 §3.2.2): refused, but logged. */
const USERINFO = /^([^/?#]*\/\/)[^/?#]*@/

/** Question marks, separators and equals signs of a query that somebody has escaped, once or more, into the path. */
const QUERY = /\?|%(?:25)*3f/i
const SEPARATOR = /&|;|\?|%(?:25)*(?:26|3b|3f)/gi
const EQUALS = /=|%(?:25)*3d/i

/** How often a name may be escaped before it is no longer read. */
const DEEPEST = 3

/**
 * A request target for the log: the values of `u`, `p`, `q` and their like replaced. Names are compared as any server
 * might read them: escaped ones count, and those with spaces or control characters, and so do those after a `;`, yet a value only ends at `&`, since it may hold a `;`.
 * Behind an escaped question mark in the path, where it is not clear what ends a value, the first secret is cut off with
 * all that follows.
 */
export function redactTarget(rawTarget: string): string {
  const target = rawTarget.replace(USERINFO, '$1[REDACTED]@')
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  const redacted = redactPath(path)
  if (redacted !== path || query < 0) return redacted
  return `${path}?${target.slice(query + 1).replace(/[^&]+/g, redactPair)}`
}

/** A path for the log, without its query: a question mark in it was an escaped one. */
export function redactPath(path: string): string {
  const query = QUERY.exec(path)
  if (query === null) return path
  let start = query.index + query[0].length
  SEPARATOR.lastIndex = start
  while (start <= path.length) {
    const separator = SEPARATOR.exec(path)
    const part = path.slice(start, separator?.index)
    const [key = ''] = part.split(EQUALS, 1)
    if (isSecret(key)) return `${path.slice(0, start)}${key}=[REDACTED]`
    if (separator === null) break
    start = SEPARATOR.lastIndex
  }
  return path
}

function redactPair(pair: string): string {
  let start = 0
  while (start <= pair.length) {
    const semicolon = pair.indexOf(';', start)
    const end = semicolon < 0 ? pair.length : semicolon
    const equals = pair.indexOf('=', start)
    const key = pair.slice(start, equals < 0 || equals > end ? end : equals)
    if (isSecret(key)) return `${pair.slice(0, start)}${key}=[REDACTED]`
    start = end + 1
  }
  return pair
}

/** What cannot be read is not shown. */
function isSecret(key: string): boolean {
  let name = key
  for (let depth = 0; depth < DEEPEST; depth++) {
    if (isParameter(name, isSecretName) !== false) return true
    name = decodeQuery(name) as string
    if (!name.includes('%')) return false
  }
  return true
}
