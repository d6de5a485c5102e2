import { AuthError } from '../errors.js'
import { readParameter } from '../middleware/query.js'

/** The name of the one that is asked for; undefined for all. An empty one is a mistake, not «all». */
export function readNameParameter(target: string): string | undefined {
  const name = readParameter(target, 'name')
  if (name !== '') return name
  throw new AuthError('ERR_REQUEST_INVALID', '"name" is empty in the query')
}
