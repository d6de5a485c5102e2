import { Agent, type ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { type Clock, type Milliseconds, monotonic } from '../../time.js'
import { Connection } from './connection.js'
import { type Parties, Shares } from './shares.js'
import { unavailable } from './upstream-error.js'
import { refuse, type Waiting, WaitingLine } from './waiting-line.js'

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

/** How many times, within `keepAlive`, unused connections are looked for. */
const SWEEPS = 2

/**
 * The connections to one upstream, as an agent for `http.request`. Node's own agent looks a pool up by host, port
 * and TLS options on each request, and lets any number wait for any time; this one has a single destination.
 *
 * No user and no address gets more than its share of them, see `Shares`: others wait, and those who hold none are served
 * before them.
 *
 * The connection used last is used next. One on which anything came while it was idle, or that the upstream has
 * announced to close, is not used again.
 */
export class ConnectionPool extends Agent {
  readonly #options: ConnectionPoolOptions
  readonly #clock: Clock
  readonly #open = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #waiting: WaitingLine
  readonly #shares: Shares
  #sweep: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: ConnectionPoolOptions, clock: Clock = monotonic) {
    super({ keepAlive: true })
    this.#options = options
    this.#clock = clock
    this.#shares = new Shares(options.maxConnections)
    this.#waiting = new WaitingLine(options.maxWaiting, options.waitTimeout)
  }

  /** How many connections are open, how many of them idle; how many requests wait for one. */
  get stats(): { open: number; idle: number; waiting: number } {
    return { open: this.#open.size, idle: this.#idle.length, waiting: this.#waiting.length }
  }

  /** Node calls it for each request. `fresh` in its options asks for a connection never used before. */
  addRequest(request: ClientRequest, options: { fresh?: boolean; parties?: Parties }): void {
    const { fresh = false, parties = [] } = options
    if (this.#isClosed) refuse(request, unavailable(new Error('closed')))
    else if (!this.#shares.mayTake(parties) || !this.#serve({ request, parties }, fresh)) {
      this.#waiting.add(request, parties)
    }
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

  /** False if there is no connection to be had. */
  #serve({ request, parties }: Waiting, fresh = false): boolean {
    const idle = fresh ? undefined : this.#takeIdle()
    if (!idle && this.#open.size >= this.#options.maxConnections) return false
    this.#shares.take(parties)
    if (idle) request.reusedSocket = true
    const connection = idle ?? this.#connect()
    connection.assign(request, parties)
    return true
  }

  #connect(): Connection {
    const connection: Connection = new Connection(this.#options.open(), {
      onFree: (parties) => this.#release(connection, parties),
      onClose: (parties) => this.#forget(connection, parties),
    })
    this.#open.add(connection)
    return connection
  }

  #release(connection: Connection, parties: Parties): void {
    const { keepAlive } = this.#options
    this.#shares.giveBack(parties)
    if (this.#isClosed || !connection.rest(this.#clock(), keepAlive)) {
      connection.end()
      return
    }
    this.#idle.push(connection)
    this.#sweep ??= setInterval(() => this.#endUnused(), keepAlive / SWEEPS).unref()
    this.#serveWaiting()
  }

  #forget(connection: Connection, parties: Parties | undefined): void {
    if (parties) this.#shares.giveBack(parties)
    this.#open.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
    this.#serveWaiting()
  }

  /** Serves as many of those who wait as there are connections for, and as may have one. */
  #serveWaiting(): void {
    while (this.#waiting.length > 0 && this.#canServe()) {
      const next = this.#waiting.next((parties) => this.#shares.mayTake(parties))
      if (!next) return
      // What idles may have become unusable: then its place is free a little later
      if (!this.#serve(next)) this.#waiting.add(next.request, next.parties)
    }
  }

  #canServe(): boolean {
    const now = this.#clock()
    const hasRoom = this.#open.size < this.#options.maxConnections
    return !this.#isClosed && (hasRoom || this.#idle.some((one) => one.isUsable(now)))
  }

  #endUnused(): void {
    const now = this.#clock()
    for (const connection of this.#idle.filter((one) => !one.isUsable(now))) connection.end()
    if (this.#idle.length > 0) return
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }
}
