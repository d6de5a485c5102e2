import { AuthError } from '../errors.js'

/**
 * Prints on standard output, and resolves when it is written.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if it cannot be written: the reader would miss what it says
 */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      const message = `cannot write to standard output: ${cause.message}`
      reject(new AuthError('ERR_CONFIG_INVALID', message, { cause }))
    }
    process.stdout.once('error', fail)
    process.stdout.write(text, (error) => {
      if (error) return fail(error)
      process.stdout.off('error', fail)
      resolve()
    })
  })
}
