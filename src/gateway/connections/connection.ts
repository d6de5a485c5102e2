import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import type { Milliseconds } from '../../time.js'
import type { Parties } from './shares.js'

interface ConnectionEvents {
  /** Node is done with the request on it, which was theirs. */
  onFree(parties: Parties): void
  /** It is closed, with a request of theirs on it, if any. */
  onClose(parties: Parties | undefined): void
}

/** A connection is not used any more so long before the end that the upstream announces: a request takes time to arrive. */
const MARGIN: Milliseconds = 1000

const TIMEOUT = /^\s*timeout=(\d+)/i

/** One connection to an upstream: in use by one request, or idle. */
export class Connection {
  readonly #socket: Socket
  #request: ClientRequest | undefined
  #parties: Parties | undefined
  #isIdle = false
  /** When it is too old to be used again. */
  #until = 0

  constructor(socket: Socket, { onFree, onClose }: ConnectionEvents) {
    this.#socket = socket
    socket.on('free', () => {
      // A connection whose request is still under way is not free, whatever Node says
      if (this.#request?.destroyed !== true) return
      onFree(this.#take())
    })
    socket.on('close', () => onClose(this.#request && this.#take()))
    // An answer that was not asked for would be taken for the answer to the next request
    socket.on('data', () => {
      if (this.#isIdle) socket.destroy()
    })
    // Between two requests there is no other listener
    socket.on('error', () => {})
  }

  assign(request: ClientRequest, parties: Parties): void {
    this.#isIdle = false
    this.#request = request
    this.#parties = parties
    this.#socket.ref()
    request.onSocket(this.#socket)
  }

  #take(): Parties {
    const parties = this.#parties ?? []
    this.#request = undefined
    this.#parties = undefined
    return parties
  }

  /** Becomes idle. False if it cannot be used again. */
  rest(now: Milliseconds, keepAlive: Milliseconds): boolean {
    const last = this.#socket as Carrier
    const announced = announcedTimeout(last._httpMessage?.res?.rawHeaders)
    last._httpMessage = null
    this.#until = now + Math.min(keepAlive, announced - MARGIN)
    this.#isIdle = true
    this.#socket.unref()
    return this.isUsable(now)
  }

  isUsable(now: Milliseconds): boolean {
    const socket = this.#socket
    return now < this.#until && socket.writable && !socket.destroyed && socket.readableLength === 0
  }

  end(): void {
    this.#socket.destroy()
  }
}

/** What Node keeps with a socket. */
interface Carrier {
  /** The request that it carries, or has just carried. */
  _httpMessage?: { res?: { rawHeaders: readonly string[] } | null } | null
}

/** What an answer says in its `Keep-Alive` header about the life of its connection. */
function announcedTimeout(rawHeaders: readonly string[] = []): Milliseconds {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 10 && name.toLowerCase() === 'keep-alive') {
      return Number(TIMEOUT.exec(rawHeaders[i + 1] as string)?.[1] ?? Infinity) * 1000
    }
  }
  return Infinity
}
