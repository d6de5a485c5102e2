/** The user and the address that a place is counted for. A request counts for each of its parties. */
export type Parties = readonly string[]

/**
 * A number of places, shared fairly: a party may take another one while it holds no more than are left free. One party
 * alone gets half of them, a second one half of what the first leaves, and so on, so that a place is left for a party that
 * holds none.
 */
export class Shares {
  readonly #places: number
  readonly #held = new Map<string, number>()
  #taken = 0

  constructor(places: number) {
    this.#places = places
  }

  mayTake(parties: Parties): boolean {
    const free = this.#places - this.#taken
    return free > 0 && parties.every((party) => (this.#held.get(party) ?? 0) <= free)
  }

  take(parties: Parties): void {
    this.#taken++
    for (const party of parties) this.#held.set(party, (this.#held.get(party) ?? 0) + 1)
  }

  giveBack(parties: Parties): void {
    this.#taken--
    for (const party of parties) {
      const held = (this.#held.get(party) ?? 0) - 1
      if (held > 0) this.#held.set(party, held)
      else this.#held.delete(party)
    }
  }
}
