import { AuthError } from '../errors.js'

/** An error in how a command was called, in one line. */
export function mistake(message: string): AuthError {
  return new AuthError('ERR_CONFIG_INVALID', message)
}
