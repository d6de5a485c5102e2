import { AuthError } from '../errors.js'
import { type RequestLine, readRequestLine } from './request-line.js'

/** How many are known; then it starts anew. Clients of one API ask for few paths, again and again. */
const MOST = 500

/** What is longer is read each time, in UTF-16 units. */
const LONGEST = 200

/**
 * `readRequestLine`, which remembers what it has read: that saves a microsecond of a request, 3 % of a cache hit. A target
 * with a query is not remembered, since a query may hold a password.
 */
export function createKnownRequestLines(): typeof readRequestLine {
  const known = new Map<string, { readonly method: string; readonly line: RequestLine }>()

  return function knownRequestLine(method, target) {
    const before = known.get(target)
    if (before?.method === method) return before.line
    const line = readRequestLine(method, target)
    if (line instanceof AuthError || target.length > LONGEST || target.includes('?')) return line
    if (known.size >= MOST) known.clear()
    known.set(target, { method, line })
    return line
  }
}
