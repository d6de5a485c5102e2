import { maskTokens } from '../text/mask-tokens.js'

/** Name and password before the host of an absolute-form target (RFC 9112 §3.2.2): refused, but logged. */
const USERINFO = /^([^/?#]*\/\/)[^/?#]*@/

/**
 * Where a query begins, or one that somebody has escaped, once or more, into the path, or a fragment with parameters in it,
 * which has no business in a request.
 */
const QUERY = /\?|%(?:25)*3f|#(?=[^/]*=)/i

/**
 * What a log may show of a request target: its path. A query is left out as a whole, since `u`, `p` and `q` hold names,
 * passwords and statements with passwords, and others spell them in ways that this program refuses but has to log. Tokens in
 * the path are masked.
 */
export function loggedPath(target: string): string {
  const query = QUERY.exec(target)
  const path = query ? target.slice(0, query.index) : target
  return maskTokens(path.replace(USERINFO, '$1'))
}
