/** Who makes us work: so that nobody takes the others' turns. Never logged. */
export interface Asker {
  /** Where the request comes from: an address, or the network that one customer has. */
  readonly origin?: string | undefined

  /** Whose password is in question. */
  readonly name?: string | undefined
}
