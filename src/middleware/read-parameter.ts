import { AuthError } from '../errors.js'
import { queryParameter } from '../http/query-parameter.js'

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
