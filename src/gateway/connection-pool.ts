import { Agent, type ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { type Clock, type Milliseconds, monotonic } from '../time.js'
import { Connection } from './connection.js'
import { busy, unavailable } from './upstream-error.js'

export interface ConnectionPoolOptions {
  /** Opens a connection, and ends it by itself if that takes too long. */
  readonly open: () => Socket
  /** How many there are at most. */
  readonly maxConnections: number
  /** How many requests may wait while all of them are taken. */
  readonly maxWaiting: number
  /** How long one waits. */
  readonly waitTimeout: Milliseconds
  /** How long a connection is kept without use. */
  readonly keepAlive: Milliseconds
}

interface Waiting {
  readonly request: ClientRequest
  readonly timer: NodeJS.Timeout
}

/** Node's way of giving a request its connection, or the reason why it gets none. */
type Assignable = { onSocket(socket: Socket | undefined, error?: Error): void }

/** How often connections that nobody needs any more are looked for, in parts of their time. */
const SWEEPS = 2

/**
 * The connections to one upstream, as an agent for `http.request`. Node's own agent looks a pool up by host, port
 * and TLS options on each request, and lets any number wait for any time; this one knows a single place.
 *
 * The connection used last is used next. One that said anything while nobody asked, or that the upstream has
 * announced to close, is not used again.
 */
export class ConnectionPool extends Agent {
  readonly #options: ConnectionPoolOptions
  readonly #clock: Clock
  readonly #open = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #waiting: Waiting[] = []
  #sweep: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: ConnectionPoolOptions, clock: Clock = monotonic) {
    super({ keepAlive: true })
    this.#options = options
    this.#clock = clock
  }

  /** How many connections are open, how many of them idle; how many requests wait for one. */
  get stats(): { open: number; idle: number; waiting: number } {
    return { open: this.#open.size, idle: this.#idle.length, waiting: this.#waiting.length }
  }

  /** Node calls it for each request. `fresh` in its options asks for a connection never used before. */
  addRequest(request: ClientRequest, { fresh }: { fresh?: boolean }): void {
    const idle = fresh ? undefined : this.#takeIdle()
    if (this.#isClosed) refuse(request, unavailable(new Error('closed')))
    else if (idle) {
      request.reusedSocket = true
      idle.assign(request)
    } else if (this.#open.size < this.#options.maxConnections) this.#connect(request)
    else this.#wait(request)
  }

  /** Ends all connections, those in use too. Requests that come later are refused. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#sweep)
    for (const { request, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer)
      refuse(request, unavailable(new Error('closed')))
    }
    for (const connection of this.#open) connection.end()
  }

  #takeIdle(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.isUsable(this.#clock())) return connection
      connection.end()
    }
    return undefined
  }

  #connect(request: ClientRequest): void {
    const connection: Connection = new Connection(this.#options.open(), {
      onFree: () => this.#release(connection),
      onClose: () => this.#forget(connection),
    })
    this.#open.add(connection)
    connection.assign(request)
  }

  #wait(request: ClientRequest): void {
    if (this.#waiting.length >= this.#options.maxWaiting) this.#dropVanished()
    if (this.#waiting.length >= this.#options.maxWaiting) {
      refuse(request, busy('no place left to wait for a connection'))
      return
    }
    const timer = setTimeout(() => {
      this.#waiting.splice(
        this.#waiting.findIndex((waiting) => waiting.request === request),
        1,
      )
      refuse(request, busy('no connection became free'))
    }, this.#options.waitTimeout)
    this.#waiting.push({ request, timer })
  }

  /** Clients that did not wait so long keep nobody from waiting. */
  #dropVanished(): void {
    const waiting = this.#waiting.splice(0)
    for (const one of waiting) {
      if (one.request.destroyed) clearTimeout(one.timer)
      else this.#waiting.push(one)
    }
  }

  /** The next who waits, if there is one who still does. */
  #next(): ClientRequest | undefined {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      clearTimeout(next.timer)
      if (!next.request.destroyed) return next.request
    }
    return undefined
  }

  #release(connection: Connection): void {
    const now = this.#clock()
    if (this.#isClosed || !connection.rest(now, this.#options.keepAlive)) {
      connection.end()
      return
    }
    const next = this.#next()
    if (next) {
      next.reusedSocket = true
      connection.assign(next)
      return
    }
    this.#idle.push(connection)
    this.#sweep ??= setInterval(() => this.#endUnused(), this.#options.keepAlive / SWEEPS).unref()
  }

  #forget(connection: Connection): void {
    this.#open.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
    const next = this.#isClosed ? undefined : this.#next()
    if (next) this.#connect(next)
  }

  #endUnused(): void {
    const now = this.#clock()
    for (const connection of this.#idle.filter((one) => !one.isUsable(now))) connection.end()
    if (this.#idle.length > 0) return
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }
}

function refuse(request: ClientRequest, error: Error): void {
  ;(request as unknown as Assignable).onSocket(undefined, error)
}
