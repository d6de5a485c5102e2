import { AuthError } from '../../errors.js'
import { type Milliseconds, withDeadline } from '../../time.js'

/** What a write comes to, or `ERR_STORE_UNAVAILABLE` after `patience`. A later outcome is dropped. */
export async function within<T>(patience: Milliseconds, promise: Promise<T>): Promise<T> {
  const written = await withDeadline(patience, promise)
  if (written) return written.value
  const cause = new Error(`not written in ${patience} ms`)
  throw new AuthError('ERR_STORE_UNAVAILABLE', 'the registry cannot be written to', { cause })
}
