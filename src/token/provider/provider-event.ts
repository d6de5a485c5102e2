/** What has changed at the provider, for the log. Nothing in it is secret, and all of it is printable. */
export interface ProviderEvent {
  /**
   * `away`: the keys could not be fetched (again for another reason) · `back`: they could, after that · `keys`: keys were
   * added or withdrawn · `expired`: the known keys are too old to be used.
   */
  readonly kind: 'away' | 'back' | 'keys' | 'expired'
  /** One line for people. */
  readonly message: string
  /** How many keys are known now. */
  readonly keys: number
}
