import {
  FETCH_OUTCOMES,
  type FetchOutcome,
  type ProviderOutcomes,
  TOKEN_OUTCOMES,
  type TokenOutcome,
} from './provider-outcomes.js'

export interface OutcomeCounter {
  fetch(outcome: FetchOutcome): void
  token(outcome: TokenOutcome): void
  /** The counts so far; a copy. */
  counts(): ProviderOutcomes
}

export function createOutcomeCounter(): OutcomeCounter {
  const fetches = zeros(FETCH_OUTCOMES)
  const tokens = zeros(TOKEN_OUTCOMES)
  return {
    fetch(outcome) {
      fetches[outcome]++
    },
    token(outcome) {
      tokens[outcome]++
    },
    counts: () => ({ fetches: { ...fetches }, tokens: { ...tokens } }),
  }
}

const zeros = <Name extends string>(names: readonly Name[]): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
