import type { ClientRequest } from 'node:http'
import type { Milliseconds } from '../../time.js'
import { type Parties, Shares } from './shares.js'
import { busy } from './upstream-error.js'

/** A request that waits for a connection. */
export interface Waiting {
  readonly request: ClientRequest
  readonly parties: Parties
}

interface Place extends Waiting {
  readonly timer: NodeJS.Timeout
}

/** Requests that wait for a connection: first come, first served, among those who may have one. */
export class WaitingLine {
  readonly #max: number
  readonly #timeout: Milliseconds
  readonly #places = new Set<Place>()
  readonly #shares: Shares

  /**
   * @param max how many may wait; the next is refused (503), and so is one of a party that holds more than its share
   * @param timeout how long; then it is refused likewise
   */
  constructor(max: number, timeout: Milliseconds) {
    this.#max = max
    this.#timeout = timeout
    this.#shares = new Shares(max)
  }

  get length(): number {
    return this.#places.size
  }

  add(request: ClientRequest, parties: Parties): void {
    if (!this.#shares.mayTake(parties)) this.#dropVanished()
    if (!this.#shares.mayTake(parties)) {
      const isFull = this.#places.size >= this.#max
      refuse(
        request,
        busy(
          isFull
            ? 'no place left to wait for a connection'
            : 'too many requests of one user or address wait for a connection',
        ),
      )
      return
    }
    const place: Place = {
      request,
      parties,
      timer: setTimeout(() => this.#expire(place), this.#timeout),
    }
    this.#shares.take(parties)
    this.#places.add(place)
  }

  /** Takes the first who still waits, and may have a connection, out of the line; undefined if there is none. */
  next(mayHave: (parties: Parties) => boolean): Waiting | undefined {
    for (const place of this.#places) {
      if (place.request.destroyed) this.#remove(place)
      else if (mayHave(place.parties)) {
        this.#remove(place)
        return place
      }
    }
    return undefined
  }

  /** Refuses all. */
  end(error: Error): void {
    for (const place of [...this.#places]) {
      this.#remove(place)
      if (!place.request.destroyed) refuse(place.request, error)
    }
  }

  #expire(place: Place): void {
    this.#remove(place)
    refuse(place.request, busy('no connection became free'))
  }

  /** Removes requests whose clients have gone away meanwhile. */
  #dropVanished(): void {
    for (const place of this.#places) if (place.request.destroyed) this.#remove(place)
  }

  #remove(place: Place): void {
    clearTimeout(place.timer)
    this.#places.delete(place)
    this.#shares.giveBack(place.parties)
  }
}

/** Tells a request, in Node's way, why it gets no connection. */
export function refuse(request: ClientRequest, error: Error): void {
  const assignable = request as unknown as { onSocket(socket: undefined, error: Error): void }
  assignable.onSocket(undefined, error)
}
