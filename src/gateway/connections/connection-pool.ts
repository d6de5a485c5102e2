import { Agent, type ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import { Connection } from './connection.js'
import { unavailable } from './upstream-error.js'
import { refuse, WaitingLine } from './waiting-line.js'

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

/** How often, within the time that they are kept, connections that nobody needs any more are looked for. */
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
  readonly #waiting: WaitingLine
  #sweep: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: ConnectionPoolOptions, clock: Clock = monotonic) {
    super({ keepAlive: true })
    this.#options = options
    this.#clock = clock
    this.#waiting = new WaitingLine(options.maxWaiting, options.waitTimeout)
  }

  /** How many connections are open, how many of them idle; how many requests wait for one. */
  get stats(): { open: number; idle: number; waiting: number } {
    return { open: this.#open.size, idle: this.#idle.length, waiting: this.#waiting.length }
  }

  /** Node calls it for each request. `fresh` in its options asks for a connection never used before. */
  addRequest(request: ClientRequest, { fresh }: { fresh?: boolean }): void {
    const idle = fresh ? undefined : this.#takeIdle()
    if (this.#isClosed) refuse(request, unavailable(new Error('closed')))
    else if (idle) this.#reuse(idle, request)
    else if (this.#open.size < this.#options.maxConnections) this.#connect(request)
    else this.#waiting.add(request)
  }

  /** Ends all connections, those in use too. Requests that come later are refused. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#sweep)
    this.#waiting.end(unavailable(new Error('closed')))
    for (const connection of this.#open) connection.end()
  }

  #takeIdle(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.isUsable(this.#clock())) return connection
      connection.end()
    }
    return undefined
  }

  #reuse(connection: Connection, request: ClientRequest): void {
    request.reusedSocket = true
    connection.assign(request)
  }

  #connect(request: ClientRequest): void {
    const connection: Connection = new Connection(this.#options.open(), {
      onFree: () => this.#release(connection),
      onClose: () => this.#forget(connection),
    })
    this.#open.add(connection)
    connection.assign(request)
  }

  #release(connection: Connection): void {
    const { keepAlive } = this.#options
    if (this.#isClosed || !connection.rest(this.#clock(), keepAlive)) {
      connection.end()
      return
    }
    const next = this.#waiting.next()
    if (next) {
      this.#reuse(connection, next)
      return
    }
    this.#idle.push(connection)
    this.#sweep ??= setInterval(() => this.#endUnused(), keepAlive / SWEEPS).unref()
  }

  #forget(connection: Connection): void {
    this.#open.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
    const next = this.#isClosed ? undefined : this.#waiting.next()
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
