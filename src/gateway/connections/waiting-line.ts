import type { ClientRequest } from 'node:http'
import type { Milliseconds } from '../../time.js'
import { busy } from './upstream-error.js'

interface Place {
  readonly request: ClientRequest
  readonly timer: NodeJS.Timeout
}

/** Requests that wait for a connection: first come, first served. */
export class WaitingLine {
  readonly #max: number
  readonly #timeout: Milliseconds
  readonly #places: Place[] = []

  /**
   * @param max how many may wait; the next is refused (503)
   * @param timeout how long; then it is refused likewise
   */
  constructor(max: number, timeout: Milliseconds) {
    this.#max = max
    this.#timeout = timeout
  }

  get length(): number {
    return this.#places.length
  }

  add(request: ClientRequest): void {
    if (this.#places.length >= this.#max) this.#dropVanished()
    if (this.#places.length >= this.#max) {
      refuse(request, busy('no place left to wait for a connection'))
      return
    }
    const timer = setTimeout(() => this.#expire(request), this.#timeout)
    this.#places.push({ request, timer })
  }

  /** Takes the next who still waits out of the line; undefined if there is none. */
  next(): ClientRequest | undefined {
    for (let place = this.#places.shift(); place; place = this.#places.shift()) {
      clearTimeout(place.timer)
      if (!place.request.destroyed) return place.request
    }
    return undefined
  }

  /** Refuses all. */
  end(error: Error): void {
    for (let request = this.next(); request; request = this.next()) refuse(request, error)
  }

  #expire(request: ClientRequest): void {
    const index = this.#places.findIndex((place) => place.request === request)
    this.#places.splice(index, 1)
    refuse(request, busy('no connection became free'))
  }

  /** Clients that did not wait so long keep nobody from waiting. */
  #dropVanished(): void {
    for (const place of this.#places.splice(0)) {
      if (place.request.destroyed) clearTimeout(place.timer)
      else this.#places.push(place)
    }
  }
}

/** Tells a request, in Node's way, why it gets no connection. */
export function refuse(request: ClientRequest, error: Error): void {
  const assignable = request as unknown as { onSocket(socket: undefined, error: Error): void }
  assignable.onSocket(undefined, error)
}
