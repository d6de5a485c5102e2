import type { FetchOutcome } from '../provider-outcomes.js'

/** Why keys could not be fetched. Its message is for the operator, and printable. */
export class FetchFailure extends Error {
  override readonly name = 'FetchFailure'
  readonly outcome: Exclude<FetchOutcome, 'success'>

  constructor(outcome: Exclude<FetchOutcome, 'success'>, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.outcome = outcome
  }
}
