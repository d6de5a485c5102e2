import { AuthError } from '../errors.js'

/**
 * «An answer came, and it says neither yes nor no»: a 503, for what cannot be told is never «no user».
 *
 * @param reason for the operator; never anything out of the question or the answer but a status
 */
export function invalidAnswer(reason: string): AuthError {
  return new AuthError('ERR_META_INVALID', 'meta node gave an invalid answer', {
    cause: new Error(reason),
  })
}

/**
 * «No answer came»: a 503.
 *
 * @param reason for the operator; addresses and codes, never a query
 */
export function unavailable(reason: string): AuthError {
  return new AuthError('ERR_META_UNAVAILABLE', 'meta node unavailable', {
    cause: new Error(reason),
  })
}

/** The reason of an `invalidAnswer`; undefined for any other error. */
export function invalidReason(error: AuthError): string | undefined {
  return error.code === 'ERR_META_INVALID' ? (error.cause as Error).message : undefined
}
