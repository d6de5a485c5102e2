/** Whom a place is counted for: a user, an address. A request counts for each of its parties. */
export type Parties = readonly string[]

/**
 * A number of places, shared so that nobody keeps the others out: a party may hold as many as are left free. One alone
 * gets half of them, a second one half of what the first leaves, and so on; there is always a place for who holds none.
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
