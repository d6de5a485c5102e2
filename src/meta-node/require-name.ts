import { AuthError } from '../errors.js'
import { nameFault } from './name.js'

/** @throws AuthError `ERR_REQUEST_INVALID` if it cannot be the name of one */
export function requireName(what: 'user' | 'role', name: string): void {
  const fault = nameFault(name)
  if (fault) throw new AuthError('ERR_REQUEST_INVALID', `the ${what}'s name ${fault}`)
}
