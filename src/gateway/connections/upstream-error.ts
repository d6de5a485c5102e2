import { AuthError } from '../../errors.js'

/** The upstream cannot be reached, or broke off before it answered: 502. `cause` is for the operator. */
export function unavailable(cause: unknown): AuthError {
  if (cause instanceof AuthError) return cause
  return new AuthError('ERR_UPSTREAM_UNAVAILABLE', 'upstream unavailable', { cause })
}

/** The upstream took too long: 504. `what` it did not do is for the operator. */
export function tooSlow(what: string): AuthError {
  return new AuthError('ERR_UPSTREAM_TIMEOUT', 'upstream did not answer in time', {
    cause: new Error(what),
  })
}

/** As many requests as may wait for a connection do so, or one has waited for too long: 503. */
export function busy(what: string): AuthError {
  return new AuthError('ERR_BUSY', 'too many requests in progress', { cause: new Error(what) })
}
