import type { RefusedToken, TokenRefusalReason } from '../errors.js'

/** What is said of a token that nobody made, or that is not kept any more. */
export const UNKNOWN_TOKEN: RefusedToken = Object.freeze({ reason: 'unknown' })

/** Whether what was found, if anything, is a refusal. */
export function isRefused(found: object | undefined): found is RefusedToken {
  return (found as Partial<RefusedToken> | undefined)?.reason !== undefined
}

const REASONS: Readonly<Record<TokenRefusalReason, true>> = {
  unknown: true,
  revoked: true,
  expired: true,
  'owner gone': true,
  'owner not listed': true,
}

export function isRefusalReason(value: unknown): value is TokenRefusalReason {
  return typeof value === 'string' && Object.hasOwn(REASONS, value)
}
