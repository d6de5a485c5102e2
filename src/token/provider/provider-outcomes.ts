/** How a fetch of keys can end. */
export type FetchOutcome = (typeof FETCH_OUTCOMES)[number]

/** How the check of a provider's token can end. */
export type TokenOutcome = (typeof TOKEN_OUTCOMES)[number]

/** For metrics: every outcome is there, also at 0. */
export interface ProviderOutcomes {
  readonly fetches: Readonly<Record<FetchOutcome, number>>
  readonly tokens: Readonly<Record<TokenOutcome, number>>
}

export const FETCH_OUTCOMES = ['success', 'timeout', 'unreachable', 'status', 'invalid'] as const

export const TOKEN_OUTCOMES = [
  'accepted',
  'malformed',
  'type',
  'algorithm',
  'times',
  'expired',
  'issuer',
  'audience',
  'bound',
  'subject',
  'unknown_key',
  'signature',
  'limited',
  'unavailable',
] as const
