import type { AuthError } from '../../errors.js'
import { invalidToken } from '../claims.js'
import type { TokenOutcome } from './provider-outcomes.js'

/** Why a token is not taken: for the metrics, and as it is told. */
export interface TokenRefusal {
  readonly outcome: Exclude<TokenOutcome, 'accepted'>
  readonly error: AuthError
}

export const refusal = (outcome: TokenRefusal['outcome'], reason: string): TokenRefusal => ({
  outcome,
  error: invalidToken(reason),
})

export const isRefusal = (value: object): value is TokenRefusal => 'outcome' in value
