import type { AuthError } from '../../errors.js'

/** What a signature that does not fit is called. */
export const WRONG_SIGNATURE = 'signature'

/**
 * Verifies a signature when the caller may have one verified, else answers the refusal. Never rejects by itself.
 *
 * @param verify answers `WRONG_SIGNATURE` if it does not fit
 */
export type SignatureLimit = <T>(verify: () => Promise<T>) => Promise<T | AuthError>

export const UNLIMITED: SignatureLimit = (verify) => verify()
