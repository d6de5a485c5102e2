import { AuthError } from '../../errors.js'

/**
 * An answer came, and it says neither yes nor no: a 503, since what is not known is never "no such user".
 *
 * @param reason for the operator; never anything out of the question or the answer but a status
 */
export function invalidAnswer(reason: string): AuthError {
  return new AuthError('ERR_META_INVALID', 'meta node gave an invalid answer', {
    cause: new Error(reason),
  })
}

/** What to check, by status. */
const ADVICE: ReadonlyMap<number, string> = new Map([
  [
    401,
    'it does not accept our credentials ([auth] meta-username and meta-password, or meta-internal-shared-secret)',
  ],
  [
    403,
    'it accepts our credentials ([auth] meta-username), but does not let that user read users and roles',
  ],
])

/** `invalidAnswer` for a status that the meta API does not define for that question. */
export function unexpectedStatus(status: number): AuthError {
  const advice = ADVICE.get(status)
  return invalidAnswer(advice ? `HTTP ${status}: ${advice}` : `HTTP ${status}`)
}

/**
 * No answer came: a 503.
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
