import { AuthError } from '../errors.js'
import { decodeQuery } from '../http/decode-query.js'
import { queryParameter } from '../http/query-parameter.js'
import { shown } from '../text/printable.js'

/**
 * The value of a query parameter; undefined if it is not there.
 *
 * @param target as the request line has it
 * @throws AuthError `ERR_REQUEST_AMBIGUOUS` if it is there twice, or other servers would read it differently
 */
export function readParameter(target: string, name: string): string | undefined {
  const { values, ambiguous } = queryParameter(target, name)
  if (ambiguous) {
    throw new AuthError('ERR_REQUEST_AMBIGUOUS', `"${name}" is not properly encoded in the query`)
  }
  if (values.length > 1) {
    throw new AuthError('ERR_REQUEST_AMBIGUOUS', `"${name}" stands in the query more than once`)
  }
  return values[0]
}

/** The same, where it must be there and not be empty. */
export function requireParameter(target: string, name: string): string {
  const value = readParameter(target, name)
  if (value) return value
  const what = value === '' ? 'is empty' : 'is missing'
  throw new AuthError('ERR_REQUEST_INVALID', `"${name}" ${what} in the query`)
}

/**
 * Refuses a query with any other parameter: where a missing one has a meaning, a mistyped one must not be taken for it.
 *
 * @throws AuthError `ERR_REQUEST_INVALID` that names the first
 */
export function refuseOtherParameters(target: string, allowed: readonly string[]): void {
  const [, query = ''] = target.split(/\?(.*)/s)
  for (const pair of query.split(/[&;]/)) {
    const [raw = ''] = pair.split('=', 1)
    const name = decodeQuery(raw) ?? raw
    if (pair === '' || allowed.includes(name)) continue
    const known = allowed.map((one) => `"${one}"`).join(', ')
    const says = `${shown(name)} is not a parameter of this request, which takes ${known}`
    throw new AuthError('ERR_REQUEST_INVALID', says)
  }
}
