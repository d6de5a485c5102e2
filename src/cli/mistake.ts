import { AuthError } from '../errors.js'

/** Something that whoever runs a command has to change: one line. */
export function mistake(message: string): AuthError {
  return new AuthError('ERR_CONFIG_INVALID', message)
}
