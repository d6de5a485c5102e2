import { AuthError } from '../errors.js'

/**
 * Loads a module that needs an optional package, which `npm install --omit=optional` leaves out.
 *
 * @param name the package
 * @param instead what to do without it
 * @throws AuthError `ERR_CONFIG_INVALID`, one line, if the package is missing or does not run on this machine
 */
export async function loadOptional<T>(
  name: string,
  instead: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why =
      code === 'ERR_MODULE_NOT_FOUND'
        ? 'is not installed (it is an optional dependency)'
        : `does not run here (${String(message).split('\n')[0]})`
    const advice = `run "npm install ${name}", or ${instead}`
    throw new AuthError('ERR_CONFIG_INVALID', `the package ${name} ${why}: ${advice}`, { cause })
  }
}
